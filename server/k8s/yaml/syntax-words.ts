/** What the `yaml` package says of broken syntax, in both languages. */
import type { Words } from './problem.ts'

/** By the package's error code: what is wrong, and what to do about it. The package's own sentences speak of its parser. */
const english: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'No anchor or tag can stand before an alias (*name).',
  BAD_ALIAS: 'This is no name of an alias or anchor. A value that begins with * or & needs quotes.',
  BAD_COLLECTION_TYPE: 'The tag does not fit what follows it.',
  BAD_DIRECTIVE: 'This line beginning with % is not understood.',
  BAD_DQ_ESCAPE: 'In double quotes a backslash begins an escape, and this is none. Write \\\\ for a backslash, or use single quotes.',
  BAD_INDENT: 'The indentation is wrong: this line does not stand in one column with what it belongs to.',
  BAD_PROP_ORDER: 'Anchors and tags stand directly before the value, on its line.',
  BAD_SCALAR_START: 'A value without quotes cannot begin with this character: put it in quotes.',
  BLOCK_AS_IMPLICIT_KEY: 'A second “key: value” cannot stand on the same line, or be indented below a key that has a value already. Put a value with a colon in quotes, or begin a new line and align it.',
  BLOCK_IN_FLOW: 'Within [ ] and { } nothing is written by indentation: separate entries with commas.',
  DUPLICATE_KEY: 'This key stands twice in the same object.',
  IMPOSSIBLE: 'What stands here cannot be read.',
  KEY_OVER_1024_CHARS: 'A key has at most 1024 characters.',
  MISSING_CHAR: 'A character is missing: check that quotes and brackets are closed, and that a space follows each colon and dash.',
  MULTILINE_IMPLICIT_KEY: 'A key must be on one line. Perhaps the colon after it or after the key above is missing, or has no space after it, or a quote is not closed.',
  MULTIPLE_ANCHORS: 'A value has at most one anchor.',
  MULTIPLE_DOCS: 'Only one document can stand here.',
  MULTIPLE_TAGS: 'A value has at most one tag.',
  NON_STRING_KEY: 'Keys must be text.',
  RESOURCE_EXHAUSTION: 'This is nested too deeply.',
  TAB_AS_INDENT: 'Tabs cannot indent: use spaces.',
  TAG_RESOLVE_FAILED: 'The tag is unknown, or does not fit the value.',
  UNEXPECTED_TOKEN: 'This is not expected here: check the lines before it for a quote or bracket that is closed too early, a missing comma, or a list that begins on the line of its key.',
}

/** Where the package's sentence tells more than its code. */
const closer: readonly { says: RegExp; words: Words }[] = [
  { says: /^Flow sequence .*end with a \]/, words: { en: 'This list is not closed: add the missing ], and indent its lines further than its key.', 'zh-CN': '这个列表没有闭合：请补上 ]，并让其中各行比它的键缩进更多。' } },
  { says: /^Flow map .*end with a \}/, words: { en: 'This map is not closed: add the missing }, and indent its lines further than its key.', 'zh-CN': '这个映射没有闭合：请补上 }，并让其中各行比它的键缩进更多。' } },
  { says: /^Missing closing/, words: { en: 'A quote is opened and not closed.', 'zh-CN': '引号没有闭合。' } },
  { says: /^Implicit map keys need/, words: { en: 'The colon after this key is missing, or the space after the colon.', 'zh-CN': '这个键后面缺少冒号，或冒号后面缺少空格。' } },
  { says: /^Sequence item without -/, words: { en: 'An entry of this list does not begin with a dash and a space, in the column of the others.', 'zh-CN': '列表的这一项没有以短横线加空格开头，或没有与其他各项对齐。' } },
  { says: /^Missing ,|^Unexpected empty item/, words: { en: 'Entries within [ ] and { } are separated by one comma each.', 'zh-CN': '方括号或花括号里的各项之间要用一个逗号分隔。' } },
  { says: /block-seq-ind on same line/, words: { en: 'A list cannot begin on the line of its key: put the dash on the next line.', 'zh-CN': '列表不能从键所在的行开始：请把短横线写到下一行。' } },
  { says: /^Block scalar header/, words: { en: 'After | or > the text begins on the next line.', 'zh-CN': '| 或 > 之后的文本要从下一行开始。' } },
  { says: /(flow-(seq|map)-end token|Unexpected [\]}] )/, words: { en: 'This bracket closes nothing: remove it, or open one before it.', 'zh-CN': '这个括号没有对应的开括号：请删去，或在前面补上。' } },
  { says: /scalar at node end/, words: { en: 'The value ends before this. A value with quotes or special characters in it goes in quotes as a whole.', 'zh-CN': '值在这之前已经结束。含有引号或特殊字符的值，请整个加上引号。' } },
]

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

/** The first line of the package's message, without its place. */
export function syntaxFault(message: string): string {
  return message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')
}

/** What a syntax error means, in both languages; an unknown one keeps the first line of its message, without its place. */
export function syntaxWords({ code, message }: { code?: string; message: string }): Words {
  const near = closer.find(({ says }) => says.test(message))
  if (near) return near.words
  const line = syntaxFault(message)
  return { en: (code !== undefined && english[code]) || (line.endsWith('.') ? line : `${line}.`), 'zh-CN': (code !== undefined && chinese[code]) || '无法解析这段 YAML。' }
}
