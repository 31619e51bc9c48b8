"""Makes `python3 -m venv` quick: pip is unpacked from Python's own wheel, not installed by itself in 4 seconds.

A Python inside the sandbox finds this as its `sitecustomize`, so it must
cost nothing where no environment is made, and change nothing but the way in
which pip arrives. What ends up on disk is what pip's own installer puts there.
"""

import os
import sys

READY = ""
"""A folder in which pip was laid out before, if the host did that; see `flashcards.verify.prepared`."""


def _chained() -> None:
    """Runs the `sitecustomize` that this one stands before, as distributions have it."""
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in sys.path:
        path = os.path.join(folder or ".", "sitecustomize.py")
        if os.path.abspath(folder or ".") != here and os.path.isfile(path):
            with open(path, "rb") as file:
                exec(compile(file.read(), path, "exec"), {"__name__": "sitecustomize", "__file__": path})
            return


def _unpack(wheels, target):  # no types: old Pythons run this, too
    """The files of wheels where pip puts them."""
    import zipfile

    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(target)


def _record(wheel, target, scripts):
    """Adds to the list of a wheel's files, which pip needs to take them away again."""
    name = os.path.basename(wheel).split("-")
    info = "%s-%s.dist-info" % (name[0], name[1])
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


def _name(wheels):
    """What is laid out is for these wheels and this Python alone."""
    return "-".join([sys.implementation.cache_tag] + [os.path.basename(wheel) for wheel in wheels])


def _lay_out(folder):
    """Unpacks and compiles once what many environments are to get: pip takes longer to compile than to run."""
    import compileall

    os.umask(0o022)  # whoever is inside has to read it
    wheels = _wheels()
    if wheels:
        target = os.path.join(folder, _name(wheels))
        _unpack(wheels, target)
        compileall.compile_dir(os.path.join(target, "pip"), quiet=2)


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
        target = os.path.join(context.env_dir, "lib", version, "site-packages")
        ready = os.path.join(READY, _name(wheels))
        if READY and os.path.isdir(ready):
            import shutil

            shutil.copytree(ready, target, dirs_exist_ok=True)
        else:
            _unpack(wheels, target)
        for wheel in wheels:
            _record(wheel, target, scripts if os.path.basename(wheel).startswith("pip-") else [])
        try:
            open(os.path.join(os.environ["TMPDIR"], ".pip-was-unpacked"), "w").close()
        except (KeyError, OSError):
            pass
        return None

    venv.EnvBuilder._setup_pip = quick


if __name__ == "__main__":
    _lay_out(sys.argv[1])
else:
    _chained()
    if getattr(sys, "orig_argv", [])[1:3] == ["-m", "venv"] and "--without-pip" not in sys.orig_argv:
        _patch()
