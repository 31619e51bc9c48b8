"""The mark of tests that need a sandbox: README's test command must not depend on the kernel."""

import pytest

needs_sandbox = pytest.mark.usefixtures("sandbox")
"""Left out with the probe's reason where nothing protects files; see the fixture."""
