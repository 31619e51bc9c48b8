"""The sandbox: what keeps a learner's command away from everything else. Linux, in plain ctypes.

Read it in this order: `policy` (what is allowed and denied, each with its
reason), `kernel` (the system calls by name), `namespaces`, `landlock`,
`seccomp`, `limits` (one wall each), `enter` (builds them in order, from
inside the process that will be contained), `remove` (takes away what is
left).

These modules run twice: imported by the program, and by a bare
`python -I -S` that knows nothing else of it. So they import the standard
library alone, and little of that: every millisecond is paid at every run.
"""
