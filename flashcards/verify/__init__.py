"""Run it: the learner's command is really run in a sandbox, and judged by its effect."""
