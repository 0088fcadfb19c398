#!/usr/bin/python

# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: exec
short_description: Run a command with temporary credentials
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Runs a program on the managed node with the credentials of a chain, or with given credentials. Only the environment
    of the program contains the credentials.
  - The program runs without a shell. Credentials in its output are masked in the result, also if they are encoded as
    base64, in a URL, or in JSON.
extends_documentation_fragment:
  - aliyun.cli._chain
  - aliyun.cli._credentials
  - aliyun.cli._http
  - aliyun.cli._attributes
  - aliyun.cli._attributes.actiongroup_cli
attributes:
  check_mode:
    support: partial
    details:
      - The program does not run. The task reports a change if O(creates) or O(removes) is set and the program would
        run.
  diff_mode:
    support: none
  idempotent:
    support: N/A
    details:
      - It depends on the program. With O(creates) or O(removes), a second run can be skipped.
options:
  argv:
    description:
      - Program to run, and its arguments.
      - Variables and C(~) in arguments are not expanded. An argument that contains a secret of the credentials in any
        form is an error, since all users of the node can see arguments.
    type: list
    elements: str
    required: true
  chdir:
    description:
      - Directory in which the program runs. Relative paths in O(creates), O(removes), and O(output_file) start there.
    type: path
  stdin:
    description:
      - Text for the standard input of the program. Without it, standard input is empty.
      - It can be a secret. It is hidden in the arguments of the task and in the log of the node, but not in the output
        of the program.
    type: str
  stdin_add_newline:
    description:
      - Whether to add a newline to O(stdin).
    type: bool
    default: true
  strip_empty_ends:
    description:
      - Whether to remove empty lines at the end of RV(stdout) and RV(stderr).
    type: bool
    default: true
  output_file:
    description:
      - Path of a file that receives the standard output of the program while it runs. Use it for long or binary output.
      - Credentials are not masked in the file. Only its owner can read a new file. An existing file is emptied and
        keeps its permissions. A symbolic link is an error.
      - With this option, RV(stdout) is empty, and RV(json) is not returned.
    type: path
  creates:
    description:
      - Path or glob pattern of files that the program creates. If one exists, the program does not run.
    type: path
  removes:
    description:
      - Path or glob pattern of files that the program removes. If none exists, the program does not run.
    type: path
  timeout:
    description:
      - Maximum run time of the program in seconds. After this time, the program and its children get SIGTERM, and
        SIGKILL five seconds later, and the task fails. By default, the time is not limited.
      - The keyword C(timeout) of a task ends only the task. The program continues to run on the node.
    type: float
  umask:
    description:
      - Umask of the program, as a string with octal digits, for example V('0077').
      - Write it in quotes, since YAML reads octal digits as a different number.
    type: raw
  env:
    description:
      - Additional environment variables for the program. They override the variables of the credentials.
      - A value that is not a string is converted to JSON. A variable with the value V(null) is removed.
      - Values can be secrets. They are hidden in the arguments of the task and in the log of the node, but not in the
        output of the program.
    type: dict
  renew:
    description:
      - Whether to renew the credentials while the program runs. Use it if the program runs longer than a session lasts.
      - Until the program ends, the module serves a credentials URI on a loopback port, at a path that cannot be
        guessed. On Linux, only processes of the same user and of root get a response. The chain is resolved again when
        a third of the lifetime is left.
      - The default chain of the official SDKs uses this URI. Variables that have precedence in this chain, such as
        C(ALIBABA_CLOUD_ACCESS_KEY_ID), are not set. C(HTTP_PROXY) is not inherited, since the SDK for Python would send
        the request to that proxy.
      - The Alibaba Cloud CLI uses the URI with the argument C(--mode CredentialsURI). Other tools, such as Terraform,
        get the first credentials and no renewed ones. See R(variables by tool,
        ansible_collections.aliyun.cli.docsite.guide_passing_credentials_variables).
      - Requires a chain whose credentials expire. Mutually exclusive with O(credentials).
    type: bool
    default: false
notes:
  - The environment of the program has the variables that the Alibaba Cloud CLI, the official SDKs, Terraform, the OSS
    SDKs, ossutil 2, and C(aliyunlog) read. Inherited variables that select other credentials, a profile, or a role are
    removed, but O(env) can set them. See R(variables by tool,
    ansible_collections.aliyun.cli.docsite.guide_passing_credentials_variables).
  - The Alibaba Cloud CLI prefers its config file to the environment, so E(ALIBABA_CLOUD_IGNORE_PROFILE) is set to
    V(TRUE). With this setting, the CLI ignores the region of the profile and of variables, and works in V(cn-hangzhou).
    Set the region with C(--region) in O(argv), unless the command does not depend on it, as C(aliyun sts
    GetCallerIdentity).
  - Without O(renew), the program must make its last call before its credentials expire. Credentials of a chain with
    hops are obtained for the task, and last for C(expired_seconds) of the last hop, V(3600) by default.
  - O(credentials) can be used until they expire. To get credentials that last long enough, use
    M(aliyun.cli.assume_role) with O(aliyun.cli.assume_role#module:run_on=controller) and
    O(aliyun.cli.assume_role#module:min_lifetime).
  - The options C(cmd) and C(expand_argument_vars) and the free form of M(ansible.builtin.command) are not supported.
    O(argv) is always a list, and expanded variables could put secrets into arguments.
  - In a loop, a task with credentials, O(stdin), or O(env) prints no result, since Ansible would print each item, and
    items can be secret.
seealso:
  - module: aliyun.cli.assume_role
  - module: ansible.builtin.command
"""

EXAMPLES = r"""
- name: Run the CLI with the credentials of a profile of the node aliyun.cli.exec:
    profile: production
    argv: [aliyun, ecs, DescribeRegions, --region, cn-hangzhou]
  register: regions
  changed_when: false

- name: Show its output ansible.builtin.debug:
    msg: "{{ regions.json.Regions.Region | map(attribute='RegionId') }}"

- name: Back up once, with a role that may write the backup only
  aliyun.cli.exec:
    profile: production
    hops:
      - ram_role_arn: acs:ram::1000000000000002:role/backup
        expired_seconds: 900
    argv: [/usr/local/bin/backup, --to, oss://backup/today]
    creates: /var/lib/backup/today.done
    env:
      BACKUP_RETRIES: 3

- name: Send a secret to a program, and limit its run time aliyun.cli.exec:
    profile: production
    argv: [/usr/local/bin/rotate, --new-password-from-stdin]
    stdin: "{{ new_password }}"
    timeout: 60

- name: Run a program for longer than a session lasts, and keep its output in a file
  aliyun.cli.exec:
    profile: production
    argv: [/usr/local/bin/migrate.py, --all]
    renew: true
    output_file: /var/log/migrate.log
    umask: "0077"

- name: Run Terraform with credentials from the controller
  aliyun.cli.exec:
    argv: [terraform, apply, -auto-approve]
    chdir: /srv/terraform
    credentials: "{{ assumed.credentials }}"
"""

RETURN = r"""
cmd:
  description: Program and its arguments.
  returned: always, unless credentials could not be obtained
  type: list
  elements: str
  sample: [aliyun, sts, GetCallerIdentity]
rc:
  description:
    - Exit status of the program. The task fails unless it is V(0).
    - If a signal ended the program, the negative number of the signal.
    - If the program cannot be run, the error number of the system, such as V(2) for a missing program.
  returned: if the program was run, could not be run, or was skipped
  type: int
  sample: 0
stdout:
  description: Standard output of the program, with credentials masked.
  returned: if the program was run
  type: str
stderr:
  description: Standard error of the program, with credentials masked.
  returned: if the program was run
  type: str
timed_out:
  description: Whether the program was ended because it took longer than O(timeout).
  returned: if the program was run
  type: bool
renewals:
  description: How many times the credentials were renewed.
  returned: if the program was run with O(renew=true)
  type: int
json:
  description: Standard output as data, with credentials masked.
  returned: if the program was run and its output is a JSON object or list with at most 100 levels
  type: raw
start:
  description: Time when the program started, in the time zone of the node.
  returned: if the program was run
  type: str
  sample: "2026-01-02 03:04:05.000000"
end:
  description: Time when the program ended, in the time zone of the node.
  returned: if the program was run
  type: str
  sample: "2026-01-02 03:04:06.500000"
delta:
  description: Run time of the program.
  returned: if the program was run
  type: str
  sample: "0:00:01.500000"
"""

import contextlib
import datetime
import glob
import json
import os
import signal
from typing import Any, Dict, Iterable, Mapping, Optional

from ansible_collections.aliyun.cli.plugins.module_utils import _masking, _options, _program
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError, ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._files import make_native
from ansible_collections.aliyun.cli.plugins.module_utils._http_options import (
    make_http_argument_spec,
)
from ansible_collections.aliyun.cli.plugins.module_utils._module import Module, finish
from ansible_collections.aliyun.cli.plugins.module_utils._program_credentials import (
    Given,
    make_environment,
    obtain,
)
from ansible_collections.aliyun.cli.plugins.module_utils._text import escape

# Ansible fails at JSON with about twice as many levels, and the result of the program would be lost.
MAX_LEVELS = 100


class ProgramError(AliyunCliError):
    """A program cannot be run, or failed."""


def make_argument_spec() -> Dict[str, Any]:
    spec = _options.make_chain_argument_spec()
    spec.update(make_http_argument_spec())
    spec.update(
        argv={"type": "list", "elements": "str", "required": True},
        chdir={"type": "path"},
        stdin={"type": "str"},
        stdin_add_newline={"type": "bool", "default": True},
        strip_empty_ends={"type": "bool", "default": True},
        creates={"type": "path"},
        removes={"type": "path"},
        env={"type": "dict"},
        umask={"type": "raw"},
        timeout={"type": "float"},
        output_file={"type": "path"},
        renew={"type": "bool", "default": False},
        credentials={"type": "dict", "options": _options.make_credentials_argument_spec()},
    )
    return spec


def parse_umask(umask: Any) -> Optional[int]:
    """Return a umask that is given as a number, or as a string with octal digits. Raise ProfileError for others."""
    if umask is None:
        return None
    try:
        number = umask if isinstance(umask, int) else int(umask, 8)
    except (TypeError, ValueError):
        number = -1
    if isinstance(umask, bool) or not 0 <= number <= 0o777:
        raise ProfileError("umask must be a string with octal digits, such as '0077'")
    return int(number)


def find_reason_not_to_run(params: Mapping[str, Any]) -> str:
    """Return why the program must not run because of ``creates`` or ``removes``, or an empty string."""
    creates, removes = params["creates"], params["removes"]
    if creates and glob.glob(make_native(creates)):
        return "{0} exists".format(creates)
    if removes and not glob.glob(make_native(removes)):
        return "{0} does not exist".format(removes)
    return ""


def parse_json(text: str) -> Any:
    """Return a JSON object or list as data, or None for other text and for more levels than Ansible can process."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        document = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    layer = [document]
    for _level in range(MAX_LEVELS):
        values = [holder.values() if isinstance(holder, dict) else holder for holder in layer]
        layer = [item for held in values for item in held if isinstance(item, (dict, list))]
    return None if layer else document


def _refuse(name: str) -> None:
    raise ValueError("{0} is not JSON".format(name))


def check_argv(argv: Iterable[str], masking: _masking.Masking) -> None:
    """Raise ProfileError if the process list would show a secret."""
    if any(map(masking.has_secret, argv)):
        raise ProfileError(
            "argv holds a secret of the credentials, which all users of the node could see:"
            " pass it in env or stdin"
        )


def make_input(params: Mapping[str, Any]) -> bytes:
    """Return the standard input of the program."""
    text: Optional[str] = params["stdin"]
    if text is None:
        return b""
    newline = "\n" if params["stdin_add_newline"] else ""
    return (text + newline).encode("utf-8", "surrogateescape")


def run(params: Mapping[str, Any], given: Given, inherited: Mapping[str, str]) -> Dict[str, Any]:
    """Run the program and return its result. Raise ProfileError, OSError, or ValueError."""
    check_argv(params["argv"], _masking.Masking(given.first, params))
    start = datetime.datetime.now()
    ended = _program.run(
        params["argv"],
        environ=make_environment(given, inherited, params["env"]),
        stdin=make_input(params),
        output_file=params["output_file"],
        umask=parse_umask(params["umask"]),
        timeout=params["timeout"],
    )
    end = datetime.datetime.now()
    masking = _masking.Masking(given.all, params)
    stdout = ended.stdout.decode("utf-8", "replace")
    ends = "\r\n" if params["strip_empty_ends"] else ""
    result = {
        "changed": True,
        "rc": ended.code,
        "stdout": masking.mask_text(stdout).rstrip(ends),
        "stderr": masking.mask_text(ended.stderr.decode("utf-8", "replace")).rstrip(ends),
        "start": str(start),
        "end": str(end),
        "delta": str(end - start),
        "timed_out": ended.timed_out,
    }
    if params["renew"]:
        result["renewals"] = len(given.all) - 1
    document = parse_json(stdout)
    if document is not None:
        result["json"] = masking.mask_value(document)
    return result


def describe_end(result: Mapping[str, Any], timeout: Optional[float]) -> str:
    """Describe how a program failed."""
    code = result["rc"]
    if result["timed_out"]:
        return "the program did not end within {0:g} seconds: raise timeout".format(timeout or 0)
    if code >= 0:
        return "the program failed with exit status {0}: see stdout and stderr".format(code)
    with contextlib.suppress(ValueError):
        return "the program was ended by the signal {0}".format(signal.Signals(-code).name)
    return "the program was ended by the signal {0}".format(-code)


def execute(module: Module, known: Dict[str, Any]) -> Dict[str, Any]:
    """Run the program, and return its result. Add to ``known`` what a failure returns. Raise AliyunCliError."""
    params, environ = module.params, dict(os.environ)
    argv = params["argv"]
    with contextlib.ExitStack() as stack:
        given = obtain(params, environ, stack)
        try:
            known.update(run(params, given, environ), cmd=argv)
        except OSError as error:
            known.update(rc=error.errno, cmd=argv)
            reason = os.strerror(error.errno or 0)
            raise ProgramError("{0!r} cannot be run: {1}".format(argv[0], reason)) from None
        except ValueError:
            known.update(cmd=argv)
            message = 'argv or env contains a NUL byte, or a variable name contains "=": remove it'
            raise ProgramError(message) from None
    for failure in sorted(set(given.failures)):
        module.warn("the credentials were not renewed: {0}".format(failure))
    if known["rc"] != 0 or known["timed_out"]:
        raise ProgramError(describe_end(known, params["timeout"]))
    return known


def run_if_needed(module: Module, known: Dict[str, Any]) -> Dict[str, Any]:
    """Run the program unless an option or check mode prevents it, and return the result of the module."""
    params = module.params
    argv = params["argv"]
    check_options(params)
    _options.select_given(params)
    if params["chdir"]:
        try:
            os.chdir(make_native(params["chdir"]))
        except (OSError, ValueError) as error:
            # A ValueError for a NUL byte in the path has no strerror.
            reason = getattr(error, "strerror", None) or "invalid path"
            raise ProgramError(
                "chdir cannot be set to {0!r}: {1}".format(params["chdir"], reason)
            ) from None
    reason = find_reason_not_to_run(params)
    if reason:
        return {
            "changed": False,
            "rc": 0,
            "msg": "not run: {0}".format(escape(reason)),
            "cmd": argv,
        }
    if module.check_mode:
        would_run = bool(params["creates"] or params["removes"])
        return {"changed": would_run, "msg": "not run in check mode", "cmd": argv}
    return execute(module, known)


def check_options(params: Mapping[str, Any]) -> None:
    """Raise ProfileError for invalid options before any work begins."""
    if not params["argv"]:
        raise ProfileError("argv is empty: add the program and its arguments")
    if params["renew"] and params["credentials"] is not None:
        raise ProfileError(
            "renew requires profile, source, or hops: replace credentials, or remove renew"
        )
    timeout = params["timeout"]
    if timeout is not None and not 0 < timeout <= _program.MAX_TIMEOUT:
        raise ProfileError(
            "timeout must be more than 0 and at most {0:g} seconds".format(_program.MAX_TIMEOUT)
        )
    parse_umask(params["umask"])
    # Checked here for secrets in the options, and again for the obtained credentials.
    check_argv(params["argv"], _masking.Masking(params))


def main() -> None:
    module = Module(
        argument_spec=make_argument_spec(),
        supports_check_mode=True,
        hidden=("env", "stdin"),
        masked=("argv",),
    )
    known: Dict[str, Any] = {}
    finish(module, lambda: run_if_needed(module, known), known)


if __name__ == "__main__":
    main()
