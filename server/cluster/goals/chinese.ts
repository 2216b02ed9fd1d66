/** Chinese for what other rooms say in English. What a program itself prints stays as it is, in quotation marks. */
import type { Note } from '../types.ts'
import { effectsInChinese } from '../unmodelled-effects.ts'

export function quoted(text: string): string {
  return `“${text}”`
}

const losses: readonly (readonly [RegExp, string])[] = [
  [/^HTTP status (\d+)$/, 'HTTP 状态码 $1'],
  [/^no address to send to$/, '没有可以访问的地址'],
  [/^service unhealthy \(responded with "NOT_SERVING"\)$/, '健康检查返回 NOT_SERVING'],
  [/^stopped after (\d+) redirects$/, '重定向 $1 次后放弃'],
  [/^websocket: bad handshake \(HTTP status (\d+)\)$/, 'WebSocket 握手失败（HTTP 状态码 $1）'],
]

function translated(table: readonly (readonly [RegExp, string])[], text: string): string | undefined {
  const row = table.find(([pattern]) => pattern.test(text))
  return row && text.replace(row[0], row[1])
}

/** Why a request was lost, alone in a table: an error of the client is not translated. */
export function lossInChinese(error: string): string {
  return translated(losses, error) ?? error
}

/** The same within a sentence. */
export function complaintInChinese(error: string): string {
  return translated(losses, error) ?? `客户端报错${quoted(error)}`
}

/** What a command does that is not followed (runtime/shell), where it is said in words; all else is the command itself. */
const commands: readonly (readonly [RegExp, string])[] = [
  [/^the shell command (\S+)$/, 'shell 命令 `$1`'],
  [/^a pipe from a command that never ends$/, '来自不会结束的命令的管道'],
  [/^the redirection of file descriptor (\S+)$/, '文件描述符 $1 的重定向'],
  [/^the redirection (\S+)$/, '重定向 `$1`'],
  [/^functions that call one another without end$/, '函数之间无休止的相互调用'],
  [/^the command `(.*)`, which the profile does not describe$/s, '命令 `$1`，镜像的 profile 没有描述它'],
  [/^the program (.*)$/s, '程序 `$1`'],
  [/^the tool (.*)$/s, '工具 `$1`'],
  [/^a script for an unknown interpreter$/, '由未知解释器执行的脚本'],
  [/^a script for (.*)$/s, '由 `$1` 执行的脚本'],
  [/^a signal to the pause container$/, '发给 pause 容器的信号'],
  [/^the expression (.*)$/s, '表达式 `$1`'],
  [/^the awk program (.*)$/s, 'awk 程序 `$1`'],
  [/^dd without of= and count=$/, '不带 of= 和 count= 的 `dd`'],
  [/^a background job of a command run from outside$/, '从外部执行的命令所启动的后台任务'],
]
const whatInChinese = (what: string): string => translated(commands, what) ?? `\`${what}\``
const effectInChinese = (effect: string): string => (effectsInChinese as Readonly<Record<string, string>>)[effect] ?? quoted(effect)

const notes: readonly (readonly [RegExp, (...found: string[]) => string])[] = [
  [/^What \/(\S+) shows is not modelled\.$/, (path) => `/${path} 的内容尚未建模`],
  [/^The command `(.*)` runs too many steps to follow\.$/s, (command) => `命令 \`${command}\` 的步骤太多，无法跟踪`],
  [/^What `(.*)` does is not modelled: (.*)\.$/s, (command, what) => `命令 \`${command}\` 的行为尚未建模：${whatInChinese(what!)}`],
  [/^What (\S+) does from here on is not modelled: (.*)\.$/s, (container, what) => `容器 ${container} 此后的行为尚未建模：${whatInChinese(what!)}`],
  [/^The profile names a dependency "(.*)" that it does not describe\.$/, (name) => `镜像的 profile 提到了依赖“${name}”，却没有描述它`],
  [/^The volume (\S+) is of a kind that is not modelled\.$/, (name) => `卷 ${name} 的类型尚未建模`],
  [/^TLS between containers of one pod is not modelled in detail\.$/, () => '同一个 Pod 内容器之间的 TLS 没有详细建模'],
  [/^(metadata\.annotations) (\S+) is not modelled: (.*)$/, (field, key, effect) => `${field} 中的 ${key} 尚未建模：${effectInChinese(effect!)}`],
  [/^(\S+|[A-Z]\S+ \S+) is not modelled: (.*)$/, (what, effect) => `${what} 尚未建模：${effectInChinese(effect!)}`],
]

/** A note within a sentence, without its full stop. */
export function noteInChinese({ text }: Pick<Note, 'text'>): string {
  for (const [pattern, say] of notes) {
    const found = pattern.exec(text)
    if (found) return say(...found.slice(1))
  }
  return quoted(text)
}

/** Why RBAC allows something (rbac.ts: evaluate). */
export function grantInChinese(reason: string): string {
  return reason.replace(/^RBAC: allowed by (\S+ "[^"]*") of (\S+ "[^"]*") to (\S+ "[^"]*")$/, 'RBAC：$1 把 $2 授予了 $3，因此允许。')
}

/** What a try to reach something met (network.ts): who → what: how it went. */
export function reachInChinese(text: string): string {
  const [, who = '', to = '', how = ''] = /^(.*?) → (.*?): (.*)$/s.exec(text) ?? []
  if (to === '') return quoted(text)
  const [, labels = '', namespace] = /^a pod(?: (\S+))? in namespace (\S+)$/.exec(who) ?? []
  const from = namespace === undefined ? who.replace(/^node (?=\S+$)/, '节点 ') : `namespace ${namespace} 中的 Pod${labels === '' ? '' : `（${labels}）`}`
  return `${from} → ${to}：${how.startsWith('answered by ') ? `由 ${how.slice('answered by '.length)} 应答` : complaintInChinese(how)}`
}
