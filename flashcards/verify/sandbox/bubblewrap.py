"""Bubblewrap instead of namespaces of our own: the same root, for machines that trust `bwrap` alone with it."""

import os
from collections.abc import Iterable, Mapping

from flashcards.verify.sandbox import policy
from flashcards.verify.sandbox.namespaces import CONTROL, HOME, NOBODY, TEMPORARY, WORK, control_mode, showable


def command(program: str, visible: Iterable[str], files: Mapping[str, int]) -> list[str]:
    """The words before the command; `files` are descriptors that hold the control folder's texts."""
    words = [program, "--unshare-all", "--unshare-user", "--die-with-parent", "--as-pid-1", "--new-session"]
    words += ["--hostname", "cards", "--clearenv"]
    if os.getuid() == 0:
        words += ["--uid", str(NOBODY), "--gid", str(NOBODY)]
    half = str(policy.FOLDER_BYTES // 2)
    # Before what is visible: a program that lies under the temporary folder would be hidden by it.
    words += ["--size", half, "--tmpfs", HOME, "--size", half, "--tmpfs", TEMPORARY]
    for path in showable(visible):
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            words += ["--ro-bind", path, path]
    words += ["--proc", "/proc"]
    for name in policy.DEVICES:
        words += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        words += ["--symlink", f"/proc/self/fd{target}", f"/dev/{name}"]
    for name, descriptor in files.items():
        words += ["--perms", f"{control_mode(name):04o}", "--ro-bind-data", str(descriptor), f"{CONTROL}/{name}"]
    words += ["--dir", WORK, "--remount-ro", "/"]
    return [*words, "--chdir", WORK, "--"]
