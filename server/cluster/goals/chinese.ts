/** Chinese for what other rooms say in English. What a program itself prints stays as it is, in quotation marks. */
import type { Note } from '../types.ts'

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

const notes: readonly (readonly [RegExp, string])[] = [
  [/^What \/(\S+) shows is not modelled\.$/, '/$1 的内容尚未建模'],
  [/^The command `(.*)` runs too many steps to follow\.$/s, '命令 `$1` 的步骤太多，无法跟踪'],
  [/^What `(.*)` does is not modelled: .*$/s, '命令 `$1` 的行为尚未建模'],
  [/^What (\S+) does from here on is not modelled: .*$/s, '容器 $1 此后的行为尚未建模'],
  [/^The profile names a dependency "(.*)" that it does not describe\.$/, '镜像的 profile 提到了依赖“$1”，却没有描述它'],
  [/^The volume (\S+) is of a kind that is not modelled\.$/, '卷 $1 的类型尚未建模'],
  [/^(metadata\.annotations) (\S+) is not modelled: .*$/, '$1 中的 $2 尚未建模'],
  [/^(\S+|[A-Z]\S+ \S+) is not modelled: .*$/, '$1 尚未建模'],
]

export function noteInChinese({ text }: Note): string {
  return translated(notes, text) ?? quoted(text)
}

/** Why RBAC allows something (rbac.ts: evaluate). */
export function grantInChinese(reason: string): string {
  return reason.replace(/^RBAC: allowed by (\S+ "[^"]*") of (\S+ "[^"]*") to (\S+ "[^"]*")$/, 'RBAC：$1 把 $2 授予了 $3，因此允许。')
}
