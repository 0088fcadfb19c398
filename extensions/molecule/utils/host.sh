#!/bin/sh
# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Hosts for molecule without containers, in one folder:
#
#   host.sh create FOLDER NAME [USER...]   makes a host with these users
#   host.sh enter FOLDER NAME              is the host's SSH server for one connection, on standard input and output
#   host.sh down FOLDER NAME               ends its connections, and lets none in any more
#   host.sh up FOLDER NAME                 lets connections in again
#   host.sh destroy FOLDER                 removes all hosts, and fails if something is left of them
#
# Only root can. The file system of a host is that of this machine, on which nothing is written.
set -eu
command=$1 folder=$2 name=${3:-}
host=$folder/$name

create() {
    if ! mountpoint -q "$folder"; then
        mount -t tmpfs -o mode=0700 aliyun-cli-molecule "$folder"
        mount --make-private "$folder"
        ssh-keygen -q -t ed25519 -N '' -C molecule -f "$folder/key"
    fi
    mkdir -p "$host/upper" "$host/work" "$host/root"
    mount -t overlay -o "lowerdir=/,upperdir=$host/upper,workdir=$host/work" overlay "$host/root"
    for each in root home run tmp var/tmp dev; do
        mount -t tmpfs -o "mode=$(stat -c %a "/$each")" tmpfs "$host/root/$each"
    done
    for each in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9" "tty 5 0"; do
        # shellcheck disable=SC2086 # three words
        set_device $each
    done
    set_up_network
    set_up_server
    shift 3
    for user; do
        chroot "$host/root" useradd --create-home --shell /bin/bash "$user"
    done
}

set_up_network() {
    # A network of its own, with nothing but its loopback.
    : >"$host/net"
    unshare --net="$host/net" ip link set lo up
}

set_device() {
    mknod -m 666 "$host/root/dev/$1" c "$2" "$3"
}

set_up_server() {
    mkdir -p "$host/root/run/sshd" "$host/root/root/.ssh"
    cp "$folder/key.pub" "$host/root/root/.ssh/authorized_keys"
    ssh-keygen -q -t ed25519 -N '' -f "$host/root/run/sshd/key"
    cat >"$host/root/run/sshd/config" <<END
HostKey /run/sshd/key
AuthorizedKeysFile /root/.ssh/authorized_keys
PermitRootLogin prohibit-password
UsePAM no
PrintMotd no
Subsystem sftp /usr/lib/openssh/sftp-server
MaxSessions 100
END
    echo "$name" >"$host/root/etc/hostname"
    printf '127.0.0.1 localhost %s\n' "$name" >"$host/root/etc/hosts"
}

enter() {
    # shellcheck disable=SC2016 # the shell in the namespaces expands them
    exec nsenter --net="$host/net" unshare --uts sh -c '
        hostname "$1"
        exec chroot "$2" /usr/sbin/sshd -i -f /run/sshd/config
    ' sh "$name" "$host/root"
}

disconnect() {
    # Whoever works in there is the server of a connection.
    for process in /proc/[0-9]*; do
        case $(readlink "$process/root") in
            "$1"/*) kill -KILL "${process#/proc/}" ;;
        esac
    done
}

destroy() {
    mountpoint -q "$folder" || { rmdir "$folder"; return; }
    disconnect "$folder"
    umount "$folder"/*/net 2>/dev/null || true
    # A killed process lets go of its mounts when it is gone.
    tries=50
    until umount --recursive "$folder"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || exit 1
        sleep 0.1
    done
    rmdir "$folder"
    ! grep -F " $folder" /proc/self/mounts
}

case $command in
    create) create "$@" ;;
    enter) enter ;;
    down) umount "$host/net" && disconnect "$host" ;;
    up) set_up_network ;;
    destroy) destroy ;;
esac
