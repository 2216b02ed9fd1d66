/** Several lines pasted into the console's line. */
import { expect, it } from 'vitest'
import { pastedLines } from '../../views/client/pasted-lines.ts'

it.each([
  ['runs what a line break ends and leaves the rest', 'kubectl get pods\nkubectl get svc\nkubectl get no', { lines: ['kubectl get pods', 'kubectl get svc'], rest: 'kubectl get no' }],
  ['reads the line breaks of other systems', 'a\r\nb\rc\n', { lines: ['a', 'b', 'c'], rest: '' }],
  ['passes over empty lines and comments', "# don't\n\n  a # why\nb#c\n", { lines: ['a', 'b#c'], rest: '' }],
  ['joins behind a backslash', 'kubectl get pods \\\n  -o wide\n', { lines: ['kubectl get pods   -o wide'], rest: '' }],
  ['keeps line breaks in quotes', "kubectl patch svc x -p '{\n}'\nls\n", { lines: ["kubectl patch svc x -p '{\n}'", 'ls'], rest: '' }],
  ['keeps escaped quotes', 'echo \\"\nls\n', { lines: ['echo \\"', 'ls'], rest: '' }],
  ['does not hold everything back for a quote that never closes', "echo 'a\nls\n", { lines: ["echo 'a\nls"], rest: '' }],
  ['stops at a here-document, whose text is no command', 'cat <<EOF | kubectl apply -f -\nkind: Pod\nEOF\n', { lines: ['cat <<EOF | kubectl apply -f -'], rest: '' }],
])('%s', (_, text, expected) => expect(pastedLines(text)).toEqual(expected))
