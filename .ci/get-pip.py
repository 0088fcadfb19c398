# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Install pip, as get-pip.py does, with the wheel that Python itself ships.

ansible-test downloads get-pip.py from another host; noxfile.py puts this file where it looks first, so
that a package index is all that the tests need.
"""

import glob
import os
import runpy
import sys
import sysconfig

try:
    import ensurepip

    folders = [os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")]
except ImportError:
    folders = []
folders.append(sysconfig.get_config_var("WHEEL_PKG_DIR") or "/usr/share/python-wheels")

wheels = [wheel for folder in folders for wheel in glob.glob(os.path.join(folder, "pip-*.whl"))]
if not wheels:
    sys.exit("No pip wheel in " + " or ".join(folders))
sys.path.insert(0, wheels[0])
# What get-pip.py would install besides pip, and how it is told not to.
options = [option for option in sys.argv[1:] if option not in ("--no-setuptools", "--no-wheel")]
sys.argv[1:] = ["install", *options]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
