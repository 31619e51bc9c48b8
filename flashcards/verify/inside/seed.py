"""Makes `python3 -m venv` quick: pip is unpacked from Python's own wheel, not installed by itself in 4 seconds.

A Python inside the sandbox finds this as its `sitecustomize`, so it must
cost nothing where no environment is made, and change nothing but the way in
which pip arrives. What ends up on disk is what pip's own installer puts there.
"""

import os
import sys


def _chained() -> None:
    """Runs the `sitecustomize` that this one stands before, as distributions have it."""
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in sys.path:
        path = os.path.join(folder or ".", "sitecustomize.py")
        if os.path.abspath(folder or ".") != here and os.path.isfile(path):
            with open(path, "rb") as file:
                exec(compile(file.read(), path, "exec"), {"__name__": "sitecustomize", "__file__": path})
            return


def _unpack(wheel, target, scripts):  # no types: old Pythons run this, too
    """A wheel's files where pip puts them, with the list of them that pip needs to take them away again."""
    import zipfile

    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
        info = next(name.split("/")[0] for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    with open(os.path.join(target, info, "INSTALLER"), "w") as file:
        file.write("pip\n")
    open(os.path.join(target, info, "REQUESTED"), "w").close()
    own = [info + "/INSTALLER", info + "/REQUESTED"] + [os.path.relpath(path, target) for path in scripts]
    with open(os.path.join(target, info, "RECORD"), "a") as file:
        file.write("".join("%s,,\n" % path for path in own))


def _script(folder, name, python):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(
            "#!%s\n# -*- coding: utf-8 -*-\nimport re\nimport sys\nfrom pip._internal.cli.main import main\n"
            "if __name__ == '__main__':\n"
            "    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])\n    sys.exit(main())\n" % python
        )
    os.chmod(path, 0o755)
    return path


def _wheels():
    """The wheels that this Python's installer would unpack; none where it has no installer."""
    import glob

    try:
        import ensurepip
    except ImportError:
        return []
    folders = [os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")]
    folders += [getattr(ensurepip, "_WHEEL_PKG_DIR", None), "/usr/share/python-wheels"]
    names = ["pip"] if sys.version_info >= (3, 12) else ["pip", "setuptools"]
    for folder in filter(None, folders):
        found = [sorted(glob.glob(os.path.join(folder, name + "-*.whl"))) for name in names]
        if all(found):
            return [wheels[-1] for wheels in found]
    return []


def _patch():
    import venv

    slow = venv.EnvBuilder._setup_pip

    def quick(self, context):
        wheels = _wheels()
        if not wheels:
            return slow(self, context)
        version = "python%d.%d" % sys.version_info[:2]
        names = ("pip", "pip3", "pip%d.%d" % sys.version_info[:2])
        scripts = [_script(context.bin_path, name, context.env_exe) for name in names]
        for wheel in wheels:
            is_pip = os.path.basename(wheel).startswith("pip-")
            target = os.path.join(context.env_dir, "lib", version, "site-packages")
            _unpack(wheel, target, scripts if is_pip else [])
        try:
            open(os.path.join(os.environ["TMPDIR"], ".pip-was-unpacked"), "w").close()
        except (KeyError, OSError):
            pass
        return None

    venv.EnvBuilder._setup_pip = quick


_chained()
if getattr(sys, "orig_argv", [])[1:3] == ["-m", "venv"] and "--without-pip" not in sys.orig_argv:
    _patch()
