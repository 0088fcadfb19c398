#!/usr/bin/python

# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: exec
short_description: Run a command with temporary credentials in its environment
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Runs a program on the managed node with the credentials of a chain, or with given ones, in its environment and
    nowhere else.
  - The program is run as it is, without a shell.
  - Credentials that the program prints are masked in the result, also in base64, and as URLs and JSON write them.
extends_documentation_fragment:
  - aliyun.cli._chain
  - aliyun.cli._http
  - aliyun.cli._attributes
  - aliyun.cli._attributes.actiongroup_cli
attributes:
  check_mode:
    support: partial
    details:
      - The program is not run. The task is skipped unless O(creates) or O(removes) tell whether it would be.
  diff_mode:
    support: none
  idempotent:
    support: N/A
    details:
      - It depends on the program. With O(creates) or O(removes) the second run can be made to change nothing.
options:
  argv:
    description:
      - The program and its arguments.
      - No variables are expanded in them. An argument that holds a secret of the credentials, in whatever form, is
        refused, since each user of the node can see it.
    type: list
    elements: str
    required: true
  chdir:
    description:
      - Folder in which the program is run, and to which O(creates) and O(removes) are relative.
    type: path
  stdin:
    description:
      - Text that the program reads from its standard input, without a line end added. Without it there is nothing to
        read.
      - It can be a secret. Ansible shows it neither among the arguments of the task nor in the log of the node. What
        the program prints of it is not masked.
    type: str
  creates:
    description:
      - Path or glob pattern. The program is not run if something there exists.
    type: path
  removes:
    description:
      - Path or glob pattern. The program is not run unless something there exists.
    type: path
  env:
    description:
      - Further environment variables for the program. They override those of the credentials.
      - A value that is not a string is written as JSON. A variable without a value, V(null), is not set.
      - Values can be secrets. Ansible shows them neither among the arguments of the task nor in the log of the node.
        What the program prints of them is not masked.
    type: dict
  credentials:
    description:
      - Credentials for the program, as M(aliyun.cli.assume_role) returns them in
        RV(aliyun.cli.assume_role#module:credentials).
      - Mutually exclusive with O(profile), O(source), and O(hops).
    type: dict
    suboptions:
      access_key_id:
        description: ID of the access key.
        type: str
        required: true
      access_key_secret:
        description: Secret of the access key.
        type: str
        required: true
      security_token:
        description: Security token of temporary credentials.
        type: str
      region:
        description: Region ID for the program.
        type: str
      expiration:
        description: Ignored.
        type: str
      assumed_role_arn:
        description: Ignored.
        type: str
      account_id:
        description: ID of the account that O(expected_account_id) is compared with.
        type: str
      profile:
        description: Ignored.
        type: str
notes:
  - The program gets the credentials and the region in the variables that the Alibaba Cloud CLI, the official SDKs,
    Terraform, the OSS SDKs, ossutil 2, and C(aliyunlog) read. Inherited variables that select other credentials, a
    profile, or a role are removed. O(env) can set any of them. See
    R(variables by tool, ansible_collections.aliyun.cli.docsite.guide_passing_credentials_variables).
  - The Alibaba Cloud CLI prefers its file of profiles to the environment, so E(ALIBABA_CLOUD_IGNORE_PROFILE) is set to
    V(TRUE) for it. It then works in the region C(cn-hangzhou), whatever the region of the profile or a variable is. So
    O(argv) must name the region with C(--region), unless the command does the same in each one, as
    C(aliyun sts GetCallerIdentity) does.
  - The credentials are not renewed while the program runs, so it must have made its last call before they expire. Those
    of a chain with hops are obtained for the task, and last for C(expired_seconds) of the last hop, V(3600) by default.
    Where that is too little, set it there, up to what the role allows.
  - O(credentials) last for what is left of them. For enough of it, let M(aliyun.cli.assume_role) obtain them with
    O(aliyun.cli.assume_role#module:run_on=controller) and O(aliyun.cli.assume_role#module:min_lifetime).
  - In a loop, a task with credentials, O(stdin), or O(env) prints no result, since Ansible would print each item, which
    can be secret.
  - The keyword C(timeout) of a task ends the task, and not the program on the node. C(timeout) of the GNU core
    utilities does, as first word of O(argv).
seealso:
  - module: aliyun.cli.assume_role
  - module: ansible.builtin.command
"""

EXAMPLES = r"""
- name: Run the CLI with the credentials of a profile of the node, in a region that must be named
  aliyun.cli.exec:
    profile: production
    argv: [aliyun, ecs, DescribeRegions, --region, cn-hangzhou]
  register: regions
  changed_when: false

- name: Use what it printed
  ansible.builtin.debug:
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

- name: Send a secret to a program, and bound the time that it may take
  aliyun.cli.exec:
    profile: production
    argv: [timeout, "60", /usr/local/bin/rotate, --new-password-from-stdin]
    stdin: "{{ new_password }}"

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
    - What the program returned. The task fails unless it is V(0).
    - It is negative, the number of a signal, where that ended the program.
    - The number of the system's error where the program cannot be run, such as V(2) where there is none.
  returned: if the program was run, cannot be run, or did not have to be
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
  description: When it ended.
  returned: if the program was run
  type: str
  sample: "2026-01-02 03:04:06.500000"
delta:
  description: How long it took.
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
import threading
from typing import Any, Callable, Dict, Iterable, Mapping, Optional

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.aliyun.cli.plugins.module_utils import _masking, _options
from ansible_collections.aliyun.cli.plugins.module_utils import _secret_arguments as _arguments
from ansible_collections.aliyun.cli.plugins.module_utils._assume_role import (
    assume_role,
    check_given,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.variables import (
    as_environment,
    not_inherited,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError, ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._module import Module

# Of a JSON document. At some more than twice as many, Ansible fails, and the result of the program would be lost.
MAX_LEVELS = 100


def argument_spec() -> Dict[str, Any]:
    spec = _options.chain_argument_spec()
    spec.update(_options.http_argument_spec())
    spec.update(
        argv={"type": "list", "elements": "str", "required": True},
        chdir={"type": "path"},
        stdin={"type": "str"},
        creates={"type": "path"},
        removes={"type": "path"},
        env={"type": "dict"},
        credentials={"type": "dict", "options": _options.credentials_argument_spec()},
    )
    return spec


def obtain_credentials(params: Mapping[str, Any]) -> Dict[str, str]:
    """The credentials that the options give or name, as a result of ``assume_role``.

    Raises AliyunCliError; ImportError without requests.
    """
    if params["credentials"]:
        given = {name: value or "" for name, value in params["credentials"].items()}
        check_given(given, params)
        return given
    obtained: Dict[str, str] = assume_role(params, environ=os.environ)
    return obtained


def make_environment(
    credentials: Mapping[str, str], env: Optional[Mapping[str, Any]]
) -> Dict[str, str]:
    """The variables that the program gets besides those that it inherits."""
    variables = as_environment(dict(credentials))
    variables["ALIBABA_CLOUD_IGNORE_PROFILE"] = "TRUE"
    for name, value in (env or {}).items():
        if value is not None:
            variables[name] = value if isinstance(value, str) else json.dumps(value)
    return variables


def forget_inherited() -> None:
    """Remove variables from the environment of this process that select other credentials."""
    for name in not_inherited():
        os.environ.pop(name, None)


def reason_not_to_run(params: Mapping[str, Any]) -> str:
    """What ``creates`` or ``removes`` say against running; empty where nothing."""
    creates, removes = params["creates"], params["removes"]
    if creates and glob.glob(creates):
        return "{0} exists".format(creates)
    if removes and not glob.glob(removes):
        return "{0} does not exist".format(removes)
    return ""


def parse_json(text: str) -> Any:
    """The JSON object or list that the text is; None if it is none, or one that Ansible could fail at."""
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


def give_input(text: str) -> Callable[[Any], None]:
    """Make a text the standard input of what this process starts next. What is returned must be called once it runs.

    ``run_command`` would write all of the text before it reads any output: it would not end where a program answers
    while it reads, and fail where one does not read to the end.
    """
    reader, writer = os.pipe()
    os.dup2(reader, 0)
    os.close(reader)

    def write() -> None:
        with contextlib.suppress(BrokenPipeError), open(writer, "wb") as pipe:
            pipe.write(text.encode("utf-8", "surrogateescape"))

    def begin(_process: Any) -> None:
        # Only if nobody reads in this process, writing ends with the program.
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        threading.Thread(target=write, daemon=True).start()

    return begin


def check_argv(argv: Iterable[str], masking: _masking.Masking) -> None:
    """Raise ProfileError where the process list would show a secret."""
    if any(map(masking.finds_secret, argv)):
        raise ProfileError(
            "argv holds a secret of the credentials, which each user of the node could see"
        )


def run(module: Module, credentials: Mapping[str, str]) -> Dict[str, Any]:
    """What comes of the program. Raises ProfileError, OSError, ValueError."""
    params = module.params
    masking = _masking.Masking(credentials, params)
    check_argv(params["argv"], masking)
    forget_inherited()
    start = datetime.datetime.now()
    code, output, errors = module.run_command(
        params["argv"],
        environ_update=make_environment(credentials, params["env"]),
        expand_user_and_vars=False,
        encoding=None,
        before_communicate_callback=give_input(params["stdin"] or ""),
        handle_exceptions=False,
    )
    end = datetime.datetime.now()
    stdout = output.decode("utf-8", "replace")
    result = {
        "changed": True,
        "rc": code,
        "stdout": masking.text(stdout).rstrip("\r\n"),
        "stderr": masking.text(errors.decode("utf-8", "replace")).rstrip("\r\n"),
        "start": str(start),
        "end": str(end),
        "delta": str(end - start),
    }
    document = parse_json(stdout)
    if document is not None:
        result["json"] = masking.value(document)
    return result


def ended(code: int) -> str:
    """What is said of a program that ended with this code, which is negative for a signal."""
    if code >= 0:
        return "returned {0}".format(code)
    with contextlib.suppress(ValueError):
        return "was ended by the signal {0}".format(signal.Signals(-code).name)
    return "was ended by the signal {0}".format(-code)


def finish(module: Module) -> None:
    """Run the program, and end the module with what comes of it."""
    argv = module.params["argv"]
    try:
        credentials = obtain_credentials(module.params)
        # For what Ansible writes to the log of the node where the program cannot be run.
        module.no_log_values.update(_arguments.secrets(credentials))
        result = run(module, credentials)
    except ImportError:
        module.fail_json(msg=missing_required_lib("requests"))
    except AliyunCliError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        message = "{0} cannot be run: {1}".format(argv[0], os.strerror(error.errno or 0))
        module.fail_json(msg=message, rc=error.errno, cmd=argv)
    except ValueError:
        module.fail_json(msg="argv or env holds what no program can be given", cmd=argv)
    if result["rc"] != 0:
        module.fail_json(msg="the program " + ended(result["rc"]), cmd=argv, **result)
    module.exit_json(cmd=argv, **result)


def main() -> None:
    module = Module(
        argument_spec=argument_spec(),
        supports_check_mode=True,
        mutually_exclusive=[("profile", "source", "credentials"), ("hops", "credentials")],
        hidden=("env", "stdin"),
        masked=("argv",),
    )
    params = module.params
    if not params["argv"]:
        module.fail_json(msg="argv is empty: there is no program to run")
    try:
        # With what was given; once there are credentials, with these too.
        check_argv(params["argv"], _masking.Masking(params))
    except ProfileError as error:
        module.fail_json(msg=str(error))
    if params["chdir"]:
        try:
            os.chdir(params["chdir"])
        except OSError as error:
            module.fail_json(msg="chdir to {0}: {1}".format(params["chdir"], error.strerror))
    common = {"cmd": params["argv"]}
    reason = reason_not_to_run(params)
    if reason:
        module.exit_json(changed=False, rc=0, msg="not run since {0}".format(reason), **common)
    if module.check_mode:
        decided = bool(params["creates"] or params["removes"])
        module.exit_json(
            changed=decided, skipped=not decided, msg="not run in check mode", **common
        )
    finish(module)


if __name__ == "__main__":
    main()
