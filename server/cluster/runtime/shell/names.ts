/** Names of the programs that come with a shell. Listed and runnable are two things: a tool that is here and not in the tool table is answered with a note. */

export const shells: ReadonlySet<string> = new Set(['sh', 'ash', 'bash', 'dash'])

const shared = ['sh', 'sleep', 'echo', 'printf', 'cat', 'ls', 'test', '[', 'true', 'false', 'cp', 'mv', 'mkdir', 'rmdir', 'touch', 'rm', 'chmod', 'chown', 'ln', 'env', 'printenv', 'id', 'whoami', 'date', 'seq', 'head', 'tail', 'grep', 'timeout', 'hostname', 'wc', 'sort', 'uniq', 'cut', 'tr', 'tee', 'basename', 'dirname', 'stat', 'du', 'df', 'uname', 'nproc', 'kill', 'sed', 'awk', 'find', 'xargs', 'tar', 'gzip', 'md5sum', 'sha256sum', 'base64', 'expr', 'yes', 'mktemp', 'readlink', 'realpath', 'sync', 'dd', 'chgrp', 'mount', 'umount']

export const busyboxTools: readonly string[] = [...shared, 'ash', 'wget', 'nc', 'nslookup', 'ps', 'vi', 'ping', 'traceroute', 'netstat', 'top', 'free', 'unzip', 'ip', 'watch', 'pgrep', 'pkill', 'pidof', 'fuser', 'crond', 'httpd']

export const debianTools: readonly string[] = [...shared, 'dash', 'bash', 'perl', 'apt-get', 'dpkg']
