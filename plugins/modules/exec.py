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
  - Runs a program on the managed node. Its environment contains the credentials of a chain, or given credentials.
  - The program is run without a shell. Credentials that it prints are masked in the result, also in base64, URL, and
    JSON encoding. A secret that it prints in parts is not found.
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
      - The program is not run. The task reports a change if O(creates) or O(removes) is set and the program would run.
  diff_mode:
    support: none
  idempotent:
    support: N/A
    details:
      - It depends on the program. Set O(creates) or O(removes) so that the second run changes nothing.
options:
  argv:
    description:
      - The program and its arguments.
      - For example V([aliyun, sts, GetCallerIdentity]).
      - Variables and C(~) in arguments are not expanded. An argument that contains a secret of the credentials in any
        encoding is an error, since each user of the node can see arguments.
    type: list
    elements: str
    required: true
  chdir:
    description:
      - Directory in which the program runs, for example V(/srv/terraform).
      - The default is the working directory of the module.
      - O(creates), O(removes), and O(output_file) are relative to it.
    type: path
  stdin:
    description:
      - Text for the standard input of the program. Without it, standard input is empty.
      - It can be a secret. Ansible shows it neither among the arguments of the task nor in the log of the node. If the
        program prints it, it is not masked.
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
      - File for the standard output of the program, written while it runs, for example V(/var/log/migrate.log). Use it
        for long or binary output.
      - Credentials are not masked in the file. Only its owner can read a new file. An existing file is emptied and
        keeps its permissions.
      - A symbolic link, a file with another hard link, and a file of another user are errors. Other users must not be
        able to write to the directory.
      - If it is set, RV(stdout) is empty and RV(json) is missing. Otherwise, the output must fit into memory several
        times.
    type: path
  creates:
    description:
      - Path or glob pattern. The program does not run if a file or directory matches.
      - For example V(/var/lib/backup/*.done). Checked before O(removes).
    type: path
  removes:
    description:
      - Path or glob pattern. The program runs only if a file or directory matches.
      - For example V(/etc/rotate.pending). Checked after O(creates).
    type: path
  timeout:
    description:
      - Time limit of the program in seconds, for example V(60). More than 0 and at most V(1000000).
      - Unlimited by default.
      - After that time, the program and its children get SIGTERM, five seconds later SIGKILL, and the task fails. A
        child that starts another session, as daemons do, continues.
      - The keyword C(timeout) of a task ends the task, but not the program on the node. With this option, the end of
        C(async) does not end the program either. So set this option to less than these keywords.
    type: float
  umask:
    description:
      - Umask of the program, as a string of octal digits. For example, V('0077') keeps new files private.
      - The default is the umask of the module. A number is an error, since YAML reads C(077) and C(77) as different
        numbers.
    type: raw
  env:
    description:
      - More environment variables for the program. They override those of the credentials.
      - For example C(TF_IN_AUTOMATION) with the value V(1).
      - A value that is not a string is written as JSON. A variable without a value, V(null), is removed.
      - Values can be secrets. Ansible shows them neither among the arguments of the task nor in the log of the node. If
        the program prints them, they are not masked.
    type: dict
  renew:
    description:
      - Whether to renew the credentials while the program runs. Use it for programs that run longer than a session.
      - If it is set, the module serves a credentials URI on a loopback port, under a path that cannot be guessed, until
        the program ends. On Linux, only processes of the same user and of root get an answer. On other systems, the
        path alone protects it. The chain is resolved again when a third of the lifetime is left.
      - The default chain of the official SDKs reads this URI. The variables that it would read first, such as
        C(ALIBABA_CLOUD_ACCESS_KEY_ID), are not set. C(HTTP_PROXY) is not inherited, since the SDK for Python would send
        the request to that proxy.
      - The Alibaba Cloud CLI reads the URI with the argument C(--mode CredentialsURI). Other tools, such as Terraform,
        get the first credentials. See R(variables by tool,
        ansible_collections.aliyun.cli.docsite.guide_passing_credentials_variables).
      - Requires a chain whose credentials expire. Mutually exclusive with O(credentials).
    type: bool
    default: false
notes:
  - The program gets the credentials and the region in the variables that the Alibaba Cloud CLI, the official SDKs,
    Terraform, the OSS SDKs, ossutil 2, and C(aliyunlog) read. Inherited variables that select other credentials, a
    profile, or a role are removed. O(env) can set any of them. See
    R(variables by tool, ansible_collections.aliyun.cli.docsite.guide_passing_credentials_variables).
  - The Alibaba Cloud CLI prefers its config file to the environment, so E(ALIBABA_CLOUD_IGNORE_PROFILE) is set to
    V(TRUE) for it. It then works in the region C(cn-hangzhou) and ignores the region of the profile and of variables.
    So name the region in O(argv) with C(--region). Commands without a region, such as C(aliyun sts GetCallerIdentity),
    do not need it.
  - Without O(renew), the program must make its last call before its credentials expire. The credentials of a chain
    with hops are obtained for the task. They last for C(expired_seconds) of the last hop, V(3600) by default.
  - O(credentials) can expire soon. If the program needs them for longer, obtain them with
    M(aliyun.cli.assume_role) with O(aliyun.cli.assume_role#module:run_on=controller) and
    O(aliyun.cli.assume_role#module:min_lifetime).
  - Of the options of M(ansible.builtin.command), C(cmd) and the free form are missing, since O(argv) is always a list,
    and C(expand_argument_vars), since it would put the values of variables, including secrets, into arguments.
  - In a loop, a task with credentials, O(stdin), or O(env) prints no result. Ansible would print each item, which can
    be secret.
seealso:
  - module: aliyun.cli.assume_role
  - module: ansible.builtin.command
"""

EXAMPLES = r"""
- name: Run the CLI with the credentials of a profile of the node
  aliyun.cli.exec:
    profile: production
    argv: [aliyun, ecs, DescribeRegions, --region, cn-hangzhou]
  register: regions
  changed_when: false

- name: Show the regions that the CLI returned
  ansible.builtin.debug:
    msg: "{{ regions.json.Regions.Region | map(attribute='RegionId') }}"

- name: Back up once, with a role that can only write the backup
  aliyun.cli.exec:
    profile: production
    hops:
      - ram_role_arn: acs:ram::1000000000000002:role/backup
        expired_seconds: 900
    argv: [/usr/local/bin/backup, --to, oss://backup/today]
    creates: /var/lib/backup/today.done
    env:
      BACKUP_RETRIES: 3

- name: Pass a secret on standard input, and limit the time of the program
  aliyun.cli.exec:
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
  description: The program and its arguments.
  returned: always, unless credentials could not be obtained
  type: list
  elements: str
  sample: [aliyun, sts, GetCallerIdentity]
rc:
  description:
    - Exit status of the program. The task fails unless it is V(0).
    - Negative number of the signal if a signal ended the program.
    - Error number of the system if the program cannot be run, for example V(2) if it does not exist.
  returned: always, unless the options are wrong or credentials could not be obtained
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
stdout_lines:
  description: Lines of RV(stdout).
  returned: if the program was run
  type: list
  elements: str
stderr_lines:
  description: Lines of RV(stderr).
  returned: if the program was run
  type: list
  elements: str
timed_out:
  description: Whether the program was ended since it took longer than O(timeout).
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
  description: When the program was started, in the time zone of the node.
  returned: if the program was run
  type: str
  sample: "2026-01-02 03:04:05.000000"
end:
  description: When the program ended.
  returned: if the program was run
  type: str
  sample: "2026-01-02 03:04:06.500000"
delta:
  description: How long the program took.
  returned: if the program was run
  type: str
  sample: "0:00:01.500000"
"""

import contextlib
import datetime
import glob
import os
import re
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

# Maximum number of warnings on credentials.
MAX_WARNINGS = 5


class ProgramError(AliyunCliError):
    """Error of a program that cannot be run, or that failed."""


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
    """Return the umask that a string of octal digits represents. Raise ProfileError for other values."""
    if umask is None:
        return None
    if not isinstance(umask, str) or not re.match(r"0?[0-7]{1,3}\Z", umask):
        raise ProfileError("umask must be a quoted string of octal digits, for example '0077'")
    return int(umask, 8)


def find_reason_not_to_run(params: Mapping[str, Any]) -> str:
    """Return why ``creates`` or ``removes`` prevent a run, or an empty string."""
    creates, removes = params["creates"], params["removes"]
    if creates and glob.glob(make_native(creates)):
        return "{0} exists".format(creates)
    if removes and not glob.glob(make_native(removes)):
        return "{0} does not exist".format(removes)
    return ""


def check_argv(argv: Iterable[str], masking: _masking.Masking) -> None:
    """Raise ProfileError if the process list would show a secret."""
    if any(map(masking.has_secret, argv)):
        raise ProfileError(
            "argv contains a secret of the credentials, and each user of the node can see arguments: pass it in stdin or env"
        )


def make_input(params: Mapping[str, Any]) -> bytes:
    """Return the standard input of the program."""
    text: Optional[str] = params["stdin"]
    if text is None:
        return b""
    newline = "\n" if params["stdin_add_newline"] else ""
    return (text + newline).encode("utf-8", "surrogateescape")


def run(params: Mapping[str, Any], given: Given, inherited: Mapping[str, str]) -> Dict[str, Any]:
    """Run the program, and return its result. Raise ProfileError, OSError, or ValueError."""
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
    document = _program.parse_json(stdout)
    if document is not None:
        result["json"] = masking.mask_value(document)
    return result


def describe_end(result: Mapping[str, Any], timeout: Optional[float]) -> str:
    """Describe how a program failed."""
    code = result["rc"]
    if result["timed_out"]:
        return "the program did not end within {0:g} seconds: raise timeout".format(timeout or 0)
    if code >= 0:
        return "the program returned {0}".format(code)
    with contextlib.suppress(ValueError):
        return "the program was ended by the signal {0}".format(signal.Signals(-code).name)
    return "the program was ended by the signal {0}".format(-code)


def show_warnings(module: Module, warnings: Iterable[str]) -> None:
    texts = list(warnings)
    for text in texts[:MAX_WARNINGS]:
        module.warn(text)
    if len(texts) > MAX_WARNINGS:
        module.warn("{0} more warnings on credentials".format(len(texts) - MAX_WARNINGS))


def execute(module: Module, known: Dict[str, Any]) -> Dict[str, Any]:
    """Run the program, and return its result. Add to ``known`` what a failure returns. Raise AliyunCliError."""
    params, environ = module.params, dict(os.environ)
    argv = params["argv"]
    warnings: Dict[str, None] = {}
    with contextlib.ExitStack() as stack:
        # Shown even if no credentials are obtained, and each only once. Renewals can repeat them with other times.
        stack.callback(show_warnings, module, warnings)
        given = obtain(params, environ, stack, warn=warnings.setdefault)
        try:
            known.update(run(params, given, environ), cmd=argv)
        except OSError as error:
            known.update(rc=error.errno, cmd=argv)
            reason = os.strerror(error.errno or 0)
            raise ProgramError("{0} cannot be run: {1}".format(argv[0], reason)) from None
        except ValueError:
            known.update(cmd=argv)
            message = 'argv or env contains a NUL byte, or a variable name contains "="'
            raise ProgramError(message) from None
    if given.failures:
        # One warning, since each failure can have another request ID.
        message = "{0} attempts to renew the credentials failed, the last one: {1}"
        module.warn(message.format(len(given.failures), given.failures[-1]))
    if known["rc"] != 0 or known["timed_out"]:
        raise ProgramError(describe_end(known, params["timeout"]))
    return known


def run_if_needed(module: Module, known: Dict[str, Any]) -> Dict[str, Any]:
    """Run the program unless an option or check mode says not to, and return the result of the module."""
    params = module.params
    argv = params["argv"]
    check_options(params)
    _options.select_given(params)
    if params["chdir"]:
        try:
            os.chdir(make_native(params["chdir"]))
        except (OSError, ValueError) as error:
            # Only an OSError has one.
            reason = getattr(error, "strerror", None) or "invalid path"
            raise ProgramError(
                "chdir to {0} failed: {1}; create the directory or correct chdir".format(
                    params["chdir"], reason
                )
            ) from None
    reason = find_reason_not_to_run(params)
    if reason:
        return {
            "changed": False,
            "rc": 0,
            "msg": "not run since {0}".format(escape(reason)),
            "cmd": argv,
        }
    if module.check_mode:
        would_run = bool(params["creates"] or params["removes"])
        return {"changed": would_run, "rc": 0, "msg": "not run in check mode", "cmd": argv}
    return execute(module, known)


def check_options(params: Mapping[str, Any]) -> None:
    """Raise ProfileError for wrong options, before anything is done."""
    if not any(params["argv"][:1]):
        raise ProfileError("argv is empty: set the program and its arguments")
    if params["renew"] and params["credentials"] is not None:
        raise ProfileError("renew requires profile, source, or hops: credentials cannot be renewed")
    timeout = params["timeout"]
    if timeout is not None and not 0 < timeout <= _program.MAX_TIMEOUT:
        raise ProfileError(
            "timeout must be more than 0 and at most {0:g} seconds".format(_program.MAX_TIMEOUT)
        )
    parse_umask(params["umask"])
    # Checked again later with the secrets of the obtained credentials.
    check_argv(params["argv"], _masking.Masking(params))


def main() -> None:
    module = Module(
        argument_spec=make_argument_spec(),
        supports_check_mode=True,
        hidden=("env", "stdin"),
        masked=("argv",),
        empty=("argv", "stdin") + _options.EMPTY_OF_CREDENTIALS,
    )
    known: Dict[str, Any] = {}
    finish(module, lambda: run_if_needed(module, known), known)


if __name__ == "__main__":
    main()
