# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Assume the roles of a chain and return the temporary credentials to playbooks and templates."""

from __future__ import annotations

DOCUMENTATION = r"""
name: assume_role
short_description: Get temporary credentials with a chain of AssumeRole calls
version_added: 1.0.0
author:
  - The aliyun.cli contributors (@aliyun-cli-ansible)
description:
  - Resolves the chain of a profile of the Alibaba Cloud CLI, or an inline chain, with one AssumeRole call for each hop.
    It returns the credentials of the last hop.
  - Runs on the controller, with the profiles of the user who runs Ansible.
extends_documentation_fragment:
  - aliyun.cli._chain
  - aliyun.cli._http
  - aliyun.cli._cache
  - aliyun.cli._lookup_options
options:
  _terms:
    description:
      - Names of profiles. The result has one element for each name.
      - Up to eight profiles are resolved at the same time. A role that occurs in several chains is assumed once.
      - Pass a list of names with C(*), as in C(query('aliyun.cli.assume_role', *names)). A list as a single term is an
        error, even if it is empty.
      - Without a term, O(profile) or O(source) selects the chain. Without these options, the result has one element,
        for the current profile or another default that O(profile) describes. An empty list that is passed with C(*) has
        the same effect.
      - The profile in a variable or in C(ansible.cfg) is a default. It is ignored if terms or O(source) are given.
    type: list
    elements: str
  format:
    description:
      - Format of each element of the result.
      - V(credentials) is a dictionary with the credentials, their expiration, and their role.
      - V(environment) is a dictionary of environment variables for the Alibaba Cloud CLI, the official SDKs, Terraform,
        the OSS SDKs, ossutil 2, C(aliyunlog), and others. See R(variables by tool,
        ansible_collections.aliyun.cli.docsite.guide_passing_credentials_variables). The CLI prefers its config file to
        these variables unless E(ALIBABA_CLOUD_IGNORE_PROFILE) is V(TRUE). This variable is not in the dictionary.
      - V(alicloud) is a dictionary of options for the modules of the collection C(alibaba.alicloud), for example for
        C(module_defaults).
      - V(uri) is the dictionary that a credentials URI returns as JSON. The credentials must have an expiration.
      - V(ini) is the text of a file C(~/.alibabacloud/credentials) with one profile, V(default). The SDKs for Go,
        Python, and Node.js read long-lived keys from this file, but not the security token.
    type: str
    choices: [credentials, environment, alicloud, uri, ini]
    default: credentials
seealso:
  - module: aliyun.cli.caller_identity_info
  - module: aliyun.cli.profile
notes:
  - Set C(no_log=true) on every task that uses the result. A lookup cannot censor the arguments that a task prints.
  - Ansible evaluates a lookup each time its variable is used, for each host. With O(cache), this costs no further call,
    and the credentials are always valid. The credentials in a fact are not renewed, so they can expire during a play.
  - Ansible prints the values of the keyword C(environment) at C(-vvv), even with C(no_log=true). To pass credentials to
    a program, use M(aliyun.cli.exec).
  - C(lookup) with one term returns the element itself, and C(query) returns a list.
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
  no_log: true  # the file contains the credentials

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
    - With another O(format), each element has the keys of that format instead of the keys below, for example
      C(OSS_ACCESS_KEY_ID) or C(alicloud_access_key). With O(format=ini), each element is a string.
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
      description: Time when the credentials expire, in UTC. Empty if it is unknown or they do not expire.
      type: str
      sample: "2026-01-02T03:04:05Z"
    assumed_role_arn:
      description: ARN of the session in the response of AssumeRole. Empty if no role was assumed.
      type: str
      sample: acs:ram::1000000000000002:role/spoke/ansible
    account_id:
      description: ID of the account that the assumed role belongs to. Empty if no role was assumed.
      type: str
      sample: "1000000000000002"
    profile:
      description: Name of the profile whose chain was resolved. Empty for an inline source.
      type: str
      sample: production
    region:
      description: Region ID of the profile. Empty if it has no region.
      type: str
      sample: cn-hangzhou
"""

import os
from collections.abc import Iterable, Mapping
from typing import Any

from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.lookup import LookupBase
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as _entry
from ansible_collections.aliyun.cli.plugins.plugin_utils._registration import (
    register_arguments,
    register_results,
)

PREFIX = "aliyun_cli_"
# Other origins of each option than the call: an environment variable, "ini" for ansible.cfg, and "vars" for variables
# of Ansible. The last one has precedence. The fragment ``_lookup_options`` documents this table.
ORIGINS: dict[str, tuple[str, ...]] = {
    "profile": ("ini", "vars"),
    "config_path": ("ALIBABA_CLOUD_CONFIG_FILE", "ini", "vars"),
    "source": (),
    "role_session_name": ("ini", "vars"),
    "hops": ("vars",),
    "expected_account_id": ("ini", "vars"),
    "expected_arn": ("ini", "vars"),
    "allow_process": (),
    "connect_timeout": ("ini", "vars"),
    "read_timeout": ("ini", "vars"),
    "max_time": ("ini", "vars"),
    "retries": ("ini", "vars"),
    "ca_bundle": ("ini", "vars"),
    "validate_certs": ("ini", "vars"),
    "cache": ("ALIYUN_CLI_CACHE", "ini", "vars"),
    "cache_url": ("ALIYUN_CLI_CACHE_URL", "ini", "vars"),
    "cache_prefix": ("ALIYUN_CLI_CACHE_PREFIX", "ini", "vars"),
    "renew": (),
    "min_lifetime": ("ini", "vars"),
    "format": (),
}
# Paths in ansible.cfg are relative to it.
PATHS = ("config_path", "ca_bundle")
# Options of any lookup, which some versions of ansible-core pass on.
CORE_OPTIONS = ("wantlist", "errors", "allow_unsafe")


def find_origins(name: str) -> dict[str, Any]:
    """Return the variables and settings that set an option, as documentation of a plugin lists them."""
    sources = ORIGINS[name]
    found: dict[str, Any] = {}
    if "ini" in sources:
        found["ini"] = [{"section": "aliyun_cli", "key": name}]
    if "vars" in sources:
        found["vars"] = [{"name": PREFIX + name}]
    if sources[:1] and sources[0].isupper():
        found["env"] = [{"name": sources[0]}]
    return found


# Definitions for ansible-core. Otherwise it would parse DOCUMENTATION in every worker, which takes longer than the
# lookup itself. Types are checked later by the argument spec of the module.
DEFINITIONS = {
    name: {"type": "path" if name in PATHS else "raw", **find_origins(name), "env": []}
    for name in ORIGINS
}
constants.config.initialize_plugin_configuration_definitions("lookup", __name__, DEFINITIONS)
VARIABLES = {PREFIX + name: name for name, sources in ORIGINS.items() if "vars" in sources}
ENVIRONMENT = {
    name: find_origins(name)["env"][0]["name"] for name in ORIGINS if "env" in find_origins(name)
}
# Options that contain secrets.
SECRETS = ("source",)


def check_facts(variables: Mapping[str, Any]) -> None:
    """Raise AnsibleLookupError if a fact that a managed node returned would set an option, since facts become
    variables.
    """
    for name in variables.get("ansible_facts") or ():
        if name in VARIABLES:
            from ansible_collections.aliyun.cli.plugins.module_utils._text import escape

            raise AnsibleLookupError(
                "{0} is a fact that a module returned, and a managed node must not decide which roles the controller"
                " assumes: remove the fact, or set the option in a variable that is not a fact".format(
                    escape(name)
                )
            )


def check_names(given: Iterable[str]) -> None:
    """Raise AnsibleLookupError for an unknown option. Ansible would ignore it, and a limit with a typing error had no
    effect.
    """
    for name in given:
        if name not in ORIGINS and name not in CORE_OPTIONS:
            raise AnsibleLookupError(
                "unknown option {0!r}: use one of {1}".format(name, ", ".join(sorted(ORIGINS)))
            )


def make_plain(value: Any, omit: Any = None) -> Any:
    """Return a value as text, numbers, lists, and mappings, without omitted items.

    Ansible has subclasses of these types: text with tags, containers that fill in templates when they are read, and
    vaulted text that is decrypted when it is converted. ``omit`` is the placeholder that older versions put in place of
    an omitted value.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return {
            make_plain(key): make_plain(item, omit)
            for key, item in value.items()
            if not is_omitted(item, omit)
        }
    if isinstance(value, (list, tuple)):
        return [make_plain(item, omit) for item in value if not is_omitted(item, omit)]
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    return str(value)


def is_omitted(value: Any, omit: Any) -> bool:
    """Return whether a value is that of the variable ``omit``."""
    return type(value).__name__ == "_OmitType" or (omit is not None and value == omit)


class LookupModule(LookupBase):
    """Convert options of Ansible to a chain, the result to dictionaries, and errors to messages without secrets."""

    def run(self, terms, variables=None, **kwargs):  # type: ignore[no-untyped-def]
        variables = variables or {}
        terms = make_plain(terms)
        options = self.configured(variables, kwargs, named=bool(terms))
        given = {name: options[name] for name in SECRETS if options[name]}
        if given:
            register_arguments(given, SECRETS)
        parents = _entry.list_parents(os.environ, constants.ANSIBLE_HOME)
        found = use_cache(options) and _entry.find(
            terms or [None], options, environ=os.environ, parents=parents
        )
        results = found or self._make(terms, options, parents, variables)
        register_results(results)
        return results

    def configured(
        self, variables: Mapping[str, Any], given: Mapping[str, Any], *, named: bool = False
    ) -> dict[str, Any]:
        """Return the value of each option, or None if it is not set.

        Options come from the call, or from variables, the environment, or ``ansible.cfg``. Types are not checked yet.

        ``named`` is true if terms name profiles. Raise AnsibleLookupError.
        """
        check_names(given)
        check_facts(variables)
        omit = _entry.find_omit(variables)
        direct = {
            name: value
            for name, value in make_plain(given, omit).items()
            if value is not None and name in ORIGINS
        }
        found = {
            variable: variables[variable]
            for variable, name in VARIABLES.items()
            if variable in variables and name not in direct
        }
        if found:
            found = self._filled(found, variables, omit)
        for name, variable in ENVIRONMENT.items():
            if os.environ.get(variable) and found.get(PREFIX + name, direct.get(name)) is None:
                direct[name] = os.environ[variable]
        for name in PATHS:
            # ansible-core accepts only text here, while a module converts any value to text.
            value = direct.get(name, found.get(PREFIX + name))
            if value is not None and not isinstance(value, str):
                direct[name] = str(value)
        self.set_options(var_options=found, direct=direct)
        options = {name: self.get_option(name) for name in ORIGINS}
        for name in PATHS:
            # ansible-core also converts an empty string to a path.
            if direct.get(name, found.get(PREFIX + name)) == "":
                options[name] = ""
        if "profile" not in direct and (named or options["source"] is not None):
            # Arguments of the call override a default profile.
            options["profile"] = None
        return options

    def _filled(
        self, found: dict[str, Any], variables: Mapping[str, Any], omit: Any
    ) -> dict[str, Any]:
        text = str(found)
        if "{{" in text or "{%" in text or "{#" in text:
            # Imported only here, since most uses do not need it.
            from ansible_collections.aliyun.cli.plugins.plugin_utils._templating import fill

            found = fill(found, variables, self._loader)
        return {name: value for name, value in make_plain(found, omit).items() if value is not None}

    def _make(
        self,
        terms: list[Any],
        options: dict[str, Any],
        parents: list[str],
        variables: Mapping[str, Any],
    ) -> list[dict[str, str]]:
        # Imported only here, since a cache hit does not need these modules.
        from ansible.module_utils.basic import missing_required_lib
        from ansible.utils.display import Display
        from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
        from ansible_collections.aliyun.cli.plugins.module_utils._text import escape
        from ansible_collections.aliyun.cli.plugins.modules import assume_role as module
        from ansible_collections.aliyun.cli.plugins.plugin_utils._resolve import assume_role
        from ansible_collections.aliyun.cli.plugins.plugin_utils._templating import (
            find_unknown_variables,
        )
        from ansible_collections.aliyun.cli.plugins.plugin_utils._validation import validate

        def warn(text: str) -> None:
            Display().warning(escape(text))

        if options["cache_url"]:
            register_arguments({"cache_url": options["cache_url"]}, ("cache_url",))
        for slip in find_unknown_variables(variables, PREFIX, VARIABLES):
            warn(slip)
        try:
            checked = validate(options, module.make_argument_spec(), name="aliyun.cli.assume_role")
            return assume_role(
                terms, checked, given=options, environ=os.environ, parents=parents, warn=warn
            )
        except ImportError as error:
            library = (error.name or "requests").partition(".")[0]
            raise AnsibleLookupError(missing_required_lib(library)) from None
        except AliyunCliError as error:
            raise AnsibleLookupError(escape(str(error))) from None


def use_cache(options: dict[str, Any]) -> bool:
    """Return whether the cache can contain the result, and convert the options that decide it.

    Return false for an invalid value too: only validated options have a result in the cache.
    """
    need = options["min_lifetime"]
    try:
        options["min_lifetime"] = 0 if need is None else int(str(need))
        options["renew"] = options["renew"] is not None and bool(boolean(options["renew"]))
        return options["cache"] is None or bool(boolean(options["cache"]))
    except (TypeError, ValueError):
        return False
