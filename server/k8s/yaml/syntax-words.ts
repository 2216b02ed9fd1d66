/** What the `yaml` package says of broken syntax, in both languages. */
import type { Words } from './problem.ts'

/** By the package's error code. Its English sentence names more detail, so that is kept; the Chinese one says what the code means. */
const chinese: Readonly<Record<string, string>> = {
  ALIAS_PROPS: '别名（*名称）前不能再写锚点或标签。',
  BAD_ALIAS: '别名或锚点的名称写法不对。以 * 或 & 开头的值需要加引号。',
  BAD_COLLECTION_TYPE: '标签与它后面的内容类型不符。',
  BAD_DIRECTIVE: '以 % 开头的指令行无法识别。',
  BAD_DQ_ESCAPE: '双引号里有无效的转义。反斜杠要写成 \\\\，或者改用单引号。',
  BAD_INDENT: '缩进不对：这一行与它所属的内容没有对齐。',
  BAD_PROP_ORDER: '锚点和标签必须写在同一行的值之前。',
  BAD_SCALAR_START: '不加引号的值不能以这个字符开头：请加引号。',
  BLOCK_AS_IMPLICIT_KEY: '同一行里不能再嵌套一个“键: 值”。值中含有冒号时请加引号，否则请另起一行。',
  BLOCK_IN_FLOW: '方括号或花括号里不能使用按缩进书写的结构。',
  DUPLICATE_KEY: '同一个对象里有重复的键。',
  IMPOSSIBLE: '这里的结构无法解析。',
  KEY_OVER_1024_CHARS: '键超过 1024 个字符。',
  MISSING_CHAR: '缺少字符：检查引号、括号是否成对，冒号或短横线后面是否有空格。',
  MULTILINE_IMPLICIT_KEY: '键不能跨行。上一行可能少了冒号，或者引号没有闭合。',
  MULTIPLE_ANCHORS: '一个值只能有一个锚点。',
  MULTIPLE_DOCS: '这里只能有一个文档。',
  MULTIPLE_TAGS: '一个值只能有一个标签。',
  NON_STRING_KEY: '键必须是文本。',
  RESOURCE_EXHAUSTION: '嵌套过深。',
  TAB_AS_INDENT: '不能用制表符缩进：请改用空格。',
  TAG_RESOLVE_FAILED: '标签无法识别，或与值不符。',
  UNEXPECTED_TOKEN: '这里出现了意料之外的内容。',
}

/** The first line of the message of a syntax error, without its place, and its Chinese counterpart. */
export function syntaxWords({ code, message }: { code?: string; message: string }): Words {
  const line = message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')
  return { en: line.endsWith('.') ? line : `${line}.`, 'zh-CN': (code !== undefined && chinese[code]) || '无法解析这段 YAML。' }
}
