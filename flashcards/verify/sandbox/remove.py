"""Takes a folder away whatever was left in it, and never anything else.

The names in a folder come from whoever worked there: links, folders without
permissions, hundreds of levels. So nothing is followed, every step is
relative to an open folder, and deep trees are lifted up instead of walked down.
"""

import os
import stat
from contextlib import suppress

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove(path: str) -> None:
    """Removes a folder and all that is in it. Raises OSError where the system does not let us."""
    above, name = os.path.split(os.path.abspath(path))
    parent = os.open(above, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        top = _opened(parent, name)
        try:
            while names := os.listdir(top):
                for inner in names:
                    _take(top, inner)
        finally:
            os.close(top)
        os.rmdir(name, dir_fd=parent)
    finally:
        os.close(parent)


def _take(top: int, name: str) -> None:
    """Removes one thing; or a folder, after the folders in it were lifted up beside it."""
    if not stat.S_ISDIR(os.stat(name, dir_fd=top, follow_symlinks=False).st_mode):
        os.unlink(name, dir_fd=top)
        return
    with suppress(OSError):
        os.rmdir(name, dir_fd=top)
        return
    folder = _opened(top, name)
    try:
        for inner in os.listdir(folder):
            info = os.stat(inner, dir_fd=folder, follow_symlinks=False)
            if not stat.S_ISDIR(info.st_mode):
                os.unlink(inner, dir_fd=folder)
                continue
            _allow(folder, inner)  # a folder can be moved only by somebody who may write into it
            os.rename(inner, f".{os.urandom(12).hex()}", src_dir_fd=folder, dst_dir_fd=top)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=top)


def _opened(top: int, name: str) -> int:
    _allow(top, name)
    return os.open(name, FOLDER, dir_fd=top)


def _allow(top: int, name: str) -> None:
    """Makes a folder ours to read and write; a link in its place is not followed."""
    with suppress(OSError):
        if os.chmod in os.supports_follow_symlinks:
            os.chmod(name, 0o700, dir_fd=top, follow_symlinks=False)
            return
        folder = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=top)
        try:
            os.chmod(f"/proc/self/fd/{folder}", 0o700)  # Linux cannot say it of a name
        finally:
            os.close(folder)
