# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Assume the roles of a chain and hand the temporary credentials to playbooks and templates."""

from __future__ import annotations

DOCUMENTATION = r"""
name: assume_role
short_description: Temporary credentials by chained AssumeRole
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Resolves the chain of a profile of the Alibaba Cloud CLI, or one given inline, by as many AssumeRole calls as it has
    hops, and returns the credentials of the last one.
  - Runs on the controller, with the profiles of the user who runs Ansible.
extends_documentation_fragment:
  - aliyun.cli._chain
  - aliyun.cli._http
  - aliyun.cli._cache
options:
  _terms:
    description:
      - Names of profiles. Each gives one element of the result.
      - Up to eight of them are resolved at the same time, and a role that several of them go through is assumed once.
      - A term is one name. A list of names is spread to terms with C(*), as in
        C(query('aliyun.cli.assume_role', *names)); as one term it is refused, an empty one too.
      - Without a term O(profile) or O(source) names the chain. Without these the lookup gives one element, for the
        current profile or whatever else O(profile) says the chain begins with. An empty list that is spread gives no
        term.
      - A profile that a variable or C(ansible.cfg) names is a default, which does not count where a lookup has terms or
        O(source).
    type: list
    elements: str
  profile:
    ini:
      - section: aliyun_cli
        key: profile
    vars:
      - name: aliyun_cli_profile
  config_path:
    env:
      - name: ALIBABA_CLOUD_CONFIG_FILE
    ini:
      - section: aliyun_cli
        key: config_path
    vars:
      - name: aliyun_cli_config_path
  role_session_name:
    ini:
      - section: aliyun_cli
        key: role_session_name
    vars:
      - name: aliyun_cli_role_session_name
  hops:
    vars:
      - name: aliyun_cli_hops
  expected_account_id:
    ini:
      - section: aliyun_cli
        key: expected_account_id
    vars:
      - name: aliyun_cli_expected_account_id
  connect_timeout:
    ini:
      - section: aliyun_cli
        key: connect_timeout
    vars:
      - name: aliyun_cli_connect_timeout
  read_timeout:
    ini:
      - section: aliyun_cli
        key: read_timeout
    vars:
      - name: aliyun_cli_read_timeout
  max_time:
    ini:
      - section: aliyun_cli
        key: max_time
    vars:
      - name: aliyun_cli_max_time
  retries:
    ini:
      - section: aliyun_cli
        key: retries
    vars:
      - name: aliyun_cli_retries
  ca_bundle:
    ini:
      - section: aliyun_cli
        key: ca_bundle
    vars:
      - name: aliyun_cli_ca_bundle
  validate_certs:
    ini:
      - section: aliyun_cli
        key: validate_certs
    vars:
      - name: aliyun_cli_validate_certs
  cache:
    env:
      - name: ALIYUN_CLI_CACHE
    ini:
      - section: aliyun_cli
        key: cache
    vars:
      - name: aliyun_cli_cache
  cache_url:
    env:
      - name: ALIYUN_CLI_CACHE_URL
    ini:
      - section: aliyun_cli
        key: cache_url
    vars:
      - name: aliyun_cli_cache_url
  cache_prefix:
    env:
      - name: ALIYUN_CLI_CACHE_PREFIX
    ini:
      - section: aliyun_cli
        key: cache_prefix
    vars:
      - name: aliyun_cli_cache_prefix
  min_lifetime:
    ini:
      - section: aliyun_cli
        key: min_lifetime
    vars:
      - name: aliyun_cli_min_lifetime
  format:
    description:
      - Form of each element of the result.
      - V(credentials) is the credentials and what is known about them.
      - V(environment) is a dictionary of environment variables, in which the Alibaba Cloud CLI, the official SDKs, Terraform,
        the OSS SDKs, ossutil 2, C(aliyunlog), and others find the credentials. See
        R(variables by tool, ansible_collections.aliyun.cli.docsite.guide_passing_credentials_variables). The CLI prefers
        its config file to them unless E(ALIBABA_CLOUD_IGNORE_PROFILE) is V(TRUE), which is not among them.
      - V(alicloud) is a dictionary of options for the modules of the collection C(alibaba.alicloud), for example for
        C(module_defaults).
      - V(uri) is the dictionary that a credentials URI returns as JSON. It requires credentials that expire.
      - V(ini) is the text of a file C(~/.alibabacloud/credentials) with one profile, V(default). The SDKs for Go, Python,
        and Node.js read long-lived keys from this file, but no security token.
    type: str
    choices: [credentials, environment, alicloud, uri, ini]
    default: credentials
seealso:
  - module: aliyun.cli.caller_identity_info
  - module: aliyun.cli.profile
notes:
  - Set C(no_log=true) on every task that uses the result. A lookup cannot censor what a task prints of its arguments.
  - Ansible evaluates a lookup each time its variable is used, for each host. With O(cache) this costs no call, and the
    credentials are always fresh. A fact that is set with C(run_once=true) is older with every task.
  - What P(ansible.builtin.env#lookup) or C(environment) hand to a task is printed by Ansible at C(-vvv), even with
    C(no_log=true).
  - P(aliyun.cli.assume_role#lookup) called as C(lookup) with one term returns the element itself, called as C(query) a
    list with it.
"""

EXAMPLES = r"""
- name: Assume the chain of a profile once, for all hosts
  ansible.builtin.set_fact:
    credentials: "{{ lookup('aliyun.cli.assume_role', 'production') }}"
  run_once: true
  no_log: true  # the credentials are secret

- name: Write a file for a program that reads its credentials there
  ansible.builtin.template:
    src: credentials.ini.j2
    dest: /etc/backup/credentials.ini
    mode: "0600"
  diff: false
  no_log: true  # the file holds the credentials

- name: Assume two roles on top of a profile, the second in another account
  ansible.builtin.set_fact:
    credentials: >-
      {{ lookup('aliyun.cli.assume_role', 'default', hops=[
           {'ram_role_arn': 'acs:ram::1000000000000001:role/hub', 'role_session_name': 'ansible'},
           {'ram_role_arn': 'acs:ram::1000000000000002:role/spoke', 'external_id': 'abcd1234',
            'expired_seconds': 900},
         ]) }}
  run_once: true
  no_log: true  # the credentials are secret
"""

RETURN = r"""
_raw:
  description:
    - One element for each chain, in the order of the terms.
    - With another O(format), the keys of that form instead of the keys below, for example C(OSS_ACCESS_KEY_ID) or
      C(alicloud_access_key). With O(format=ini), a string.
  type: list
  elements: dict
  contains:
    access_key_id:
      description: ID of the access key.
      type: str
      sample: STS.NUEXAMPLE
    access_key_secret:
      description: Secret of the access key.
      type: str
    security_token:
      description: Security token. Empty for a profile of mode V(AK) without hops.
      type: str
    expiration:
      description: When the credentials expire, in UTC. Empty where it is not known or they do not expire.
      type: str
      sample: "2026-01-02T03:04:05Z"
    assumed_role_arn:
      description: ARN of the session as AssumeRole answered it. Empty where no role was assumed.
      type: str
      sample: acs:ram::1000000000000002:role/spoke/ansible
    account_id:
      description: ID of the account that the assumed role belongs to. Empty where no role was assumed.
      type: str
      sample: "1000000000000002"
    profile:
      description: Name of the profile that the chain is of. Empty for an inline source.
      type: str
      sample: production
    region:
      description: Region ID of the profile. Empty where it has none.
      type: str
      sample: cn-hangzhou
"""

import os
from collections.abc import Iterable, Mapping
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.lookup import LookupBase
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as _credential_cache

PREFIX = "aliyun_cli_"
FORMATS = ["credentials", "environment", "alicloud", "uri", "ini"]


def _definition(
    name: str,
    kind: str,
    default: Any = None,
    places: str = "ini vars",
    variable: str = "",
    choices: list[str] | None = None,
) -> dict[str, Any]:
    return {
        # Ansible takes every text that it does not know for false, so that a slip would turn a guard off.
        "type": "raw" if kind == "bool" else kind,
        "default": default,
        "choices": choices,
        "env": [{"name": variable}] if variable else [],
        "ini": [{"section": "aliyun_cli", "key": name}] if "ini" in places else [],
        "vars": [{"name": PREFIX + name}] if "vars" in places else [],
    }


# The options as DOCUMENTATION has them, to which a test holds this. Ansible would parse that text, prose and all, in every
# worker, which takes longer than everything else that a lookup does.
DEFINITIONS = {
    name: _definition(name, *row)
    for name, *row in (
        ("profile", "str"),
        ("config_path", "path", None, "ini vars", "ALIBABA_CLOUD_CONFIG_FILE"),
        ("source", "dict", None, ""),
        ("role_session_name", "str"),
        ("hops", "list", None, "vars"),
        ("expected_account_id", "str"),
        ("allow_process", "bool", False, ""),
        ("connect_timeout", "float", 5),
        ("read_timeout", "float", 10),
        ("max_time", "float", 60),
        ("retries", "int", 4),
        ("ca_bundle", "path"),
        ("validate_certs", "bool", True),
        ("cache", "bool", True, "ini vars", "ALIYUN_CLI_CACHE"),
        ("cache_url", "str", None, "ini vars", "ALIYUN_CLI_CACHE_URL"),
        ("cache_prefix", "str", "aliyun.cli:", "ini vars", "ALIYUN_CLI_CACHE_PREFIX"),
        ("renew", "bool", False, ""),
        ("min_lifetime", "int", 0),
        ("format", "str", "credentials", "", "", FORMATS),
    )
}
constants.config.initialize_plugin_configuration_definitions("lookup", __name__, DEFINITIONS)
BOOLEANS = [name for name, definition in DEFINITIONS.items() if definition["type"] == "raw"]
VARIABLES = [PREFIX + name for name, definition in DEFINITIONS.items() if definition["vars"]]


def has_placeholder(options: dict[str, Any]) -> bool:
    """Whether a session name has to be filled in."""
    hops = [hop for hop in options["hops"] or () if isinstance(hop, dict)]
    named = [options, options["source"] or {}, *hops]
    return any("{" in str(given.get("role_session_name")) for given in named)


def fill_in(options: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
    """The options with the user who runs Ansible, host and play in session names."""
    from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
    from ansible_collections.aliyun.cli.plugins.module_utils._text import escape
    from ansible_collections.aliyun.cli.plugins.plugin_utils import _session_name

    try:
        return _session_name.fill_in(options, variables)
    except ProfileError as error:
        raise AnsibleLookupError(escape(str(error))) from None


def check_facts(variables: Mapping[str, Any]) -> None:
    """Raise AnsibleLookupError where what a managed node says would be an option: facts become variables."""
    for name in variables.get("ansible_facts") or ():
        if name.startswith(PREFIX):
            from ansible_collections.aliyun.cli.plugins.module_utils._text import escape

            raise AnsibleLookupError(
                "{0} is a fact that a module returned, and what a managed node says must not decide which roles the"
                " controller assumes: find that module, or give the value as a variable that is no fact".format(
                    escape(name)
                )
            )


def strict(name: str, value: Any) -> bool:
    """A value that is true or false. Raises AnsibleLookupError for any other."""
    try:
        return bool(boolean(value))
    except TypeError:
        raise AnsibleLookupError("{0} must be true or false".format(name)) from None


def check_names(given: Iterable[str]) -> None:
    """Raise AnsibleLookupError for an option that there is not. Ansible would ignore it, and what it should have bounded."""
    for name in given:
        # Older versions of ansible-core pass on what says how with_... wants the result.
        if name not in DEFINITIONS and name != "wantlist":
            raise AnsibleLookupError("there is no option {0}".format(name))


class LookupModule(LookupBase):
    """The edge between Ansible and the chain: options in, dictionaries out, errors without secrets."""

    def run(self, terms, variables=None, **kwargs):  # type: ignore[no-untyped-def]
        check_names(kwargs)
        options = self.configured(variables or {}, kwargs, named=bool(terms))
        if has_placeholder(options):
            options = fill_in(options, variables or {})
        parents = _credential_cache.parents_of(os.environ, constants.ANSIBLE_HOME)
        found = options["cache"] and _credential_cache.find(
            terms or [None], options, environ=os.environ, parents=parents
        )
        return found or self._make(list(terms), options, parents, variables or {})

    def configured(
        self, variables: Mapping[str, Any], given: dict[str, Any], *, named: bool = False
    ) -> dict[str, Any]:
        """The value of each option: what is given, or what variables, environment, ``ansible.cfg``, or its default say.

        ``named`` says that the profile is named otherwise. Raises AnsibleLookupError.
        """
        check_facts(variables)
        found = {
            name: variables[name]
            for name in VARIABLES
            if name in variables and given.get(name[len(PREFIX) :]) is None
        }
        text = str(found)
        if "{{" in text or "{%" in text or "{#" in text:
            # What most uses do not need is not loaded by all.
            from ansible_collections.aliyun.cli.plugins.plugin_utils._templating import filled

            found = filled(found, variables, self._loader)
        try:
            self.set_options(var_options=found, direct=given)
        except AnsibleError:
            self._explain(found, given)
        options = {name: self.get_option(name) for name in DEFINITIONS}
        if given.get("profile") is None and (named or options["source"]):
            # A default does not stand in the way of what the call says.
            options["profile"] = None
        for name in BOOLEANS:
            options[name] = strict(name, options[name])
        return options

    def _explain(self, variables: dict[str, Any], given: dict[str, Any]) -> None:
        """Say which option has a wrong value. Ansible says it with the value, which may be a secret."""
        for name, definition in DEFINITIONS.items():
            try:
                constants.config.get_config_value(
                    name,
                    plugin_type="lookup",
                    plugin_name=self._load_name,
                    variables=variables,
                    direct=given,
                )
            except AnsibleError:
                kind = " or ".join(definition["choices"] or ["of type " + definition["type"]])
                raise AnsibleLookupError("{0} must be {1}".format(name, kind)) from None

    def _make(
        self,
        terms: list[Any],
        options: dict[str, Any],
        parents: list[str],
        variables: Mapping[str, Any],
    ) -> list[dict[str, str]]:
        # What a hit does not need is not loaded before.
        from ansible.module_utils.basic import missing_required_lib
        from ansible.utils.display import Display
        from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
        from ansible_collections.aliyun.cli.plugins.module_utils._text import escape
        from ansible_collections.aliyun.cli.plugins.plugin_utils._resolve import assume_role
        from ansible_collections.aliyun.cli.plugins.plugin_utils._templating import slips

        def warn(text: str) -> None:
            Display().warning(escape(text))

        for slip in slips(variables, PREFIX, VARIABLES):
            warn(slip)
        try:
            return assume_role(terms, options, environ=os.environ, parents=parents, warn=warn)
        except ImportError as error:
            library = (error.name or "requests").partition(".")[0]
            raise AnsibleLookupError(missing_required_lib(library)) from None
        except AliyunCliError as error:
            raise AnsibleLookupError(escape(str(error))) from None
