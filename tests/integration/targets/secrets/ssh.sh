#!/usr/bin/env bash
# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Stands for ssh: the last argument is the command, and it is run here. With "noisy" among the others, the shell of the
# node greets in a way that makes the answer of a module unreadable.

case " $* " in
    *" noisy "*) echo "{ welcome" ;;
esac
exec /bin/sh -c "${!#}"
