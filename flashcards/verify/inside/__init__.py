"""What works inside the sandbox: setup, the shell with the answer, the checks. Standard library alone, little of it.

Everything here runs beside the learner's command, within the same walls. What
it reports is therefore a claim: the program bounds and checks it (`report`).
"""
