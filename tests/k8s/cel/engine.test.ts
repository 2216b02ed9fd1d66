import { describe, expect, it, test } from 'vitest'
import { compileCel, type CelResult } from '../../../server/k8s/cel/engine.ts'
import { fromCel } from '../../../server/k8s/cel/values.ts'

function evaluate(expression: string, values: Record<string, unknown> = {}): unknown {
  const compiled = compileCel(expression, { object: 'dyn', objects: 'list<dyn>' })
  const result: CelResult = compiled.ok ? compiled.program.run({ object: {}, objects: [], ...values }) : { error: { kind: 'wrong', message: compiled.problem.message }, steps: 0 }
  return 'value' in result ? fromCel(result.value) : `${result.error.kind}: ${result.error.message}`
}

// The calls are those of kubernetes.io/docs/reference/using-api/cel, and the doc comments of apiserver/pkg/cel/library.
describe('the functions of Kubernetes', () => {
  test.each<[string, unknown]>([
    ["['a', 'b', 'c'].isSorted()", true],
    ['[2.0, 1.0].isSorted()', false],
    ['[].isSorted()', true],
    ['[1, 3].sum()', 4],
    ['[1.0, 3.0].sum()', 4],
    ['[].sum()', 0],
    ['[1, 3].min()', 1],
    ['[1, 3].max()', 3],
    ["['b', 'a'].min()", 'a'],
    ['[].max()', 'wrong: max called on empty list'],
    ['[1, 2, 2, 3].indexOf(2)', 1],
    ["['a', 'b', 'b', 'c'].lastIndexOf('b')", 2],
    ['[1.0].indexOf(1.1)', -1],
    ["'abc 123'.find('[0-9]*')", ''],
    ["'abc 123'.find('[0-9]+')", '123'],
    ["'abc 123 def 456'.findAll('[0-9]+')", ['123', '456']],
    ["'123 abc 456'.findAll('[0-9]+', 1)", ['123']],
    ["'123'.findAll('[0-9]+', 0)", []],
    ["url('https://example.com:80/').getHost()", 'example.com:80'],
    ["url('https://[::1]:80/').getHostname()", '::1'],
    ["url('https://[::1]/').getHost()", '[::1]'],
    ["url('https://example.com/').getPort()", ''],
    ["url('https://example.com:8080/').getPort()", '8080'],
    ["url('/path').getScheme()", ''],
    ["url('https://example.com/path with spaces/')", 'wrong'],
    ["url('https://example.com/path%20with%20spaces/').getEscapedPath()", '/path%20with%20spaces/'],
    ["url('https://example.com/path?k1=a&k2=b&k2=c').getQuery() == {'k1': ['a'], 'k2': ['b', 'c']}", true],
    ["isURL('https://user:pass@example.com:80/path?query=val#fragment')", true],
    ["isURL('/absolute-path') && !isURL('https://a:b:c/') && !isURL('../relative-path')", true],
    ["isIP('127.0.0.1') && isIP('::1') && !isIP('127.0.0.256') && !isIP(':::1')", true],
    ["isIP('::ffff:1.2.3.4')", false],
    ["ip.isCanonical('127.0.0.1') && ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD')", true],
    ["ip('127.0.0.1').family() == 4 && ip('2001:db8::68').family() == 6", true],
    ["ip('0.0.0.0').isUnspecified() && ip('127.0.0.1').isLoopback() && !ip('192.168.0.1').isLoopback()", true],
    ["ip('224.0.0.1').isLinkLocalMulticast() && !ip('224.0.1.1').isLinkLocalMulticast() && ip('ff02::1').isLinkLocalMulticast()", true],
    ["ip('169.254.169.254').isLinkLocalUnicast() && ip('fe80::1').isLinkLocalUnicast() && !ip('fd80::1').isLinkLocalUnicast()", true],
    ["ip('192.168.0.1').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast() && !ip('ff00::1').isGlobalUnicast()", true],
    ["string(ip('2001:DB8::0001')) == '2001:db8::1' && ip('2001:db8::1') == ip('2001:db8:0::1')", true],
    ["isCIDR('192.168.0.0/24') && isCIDR('::1/128') && !isCIDR('192.168.0.1/256')", true],
    ["cidr('192.168.0.0/24').containsIP(ip('192.168.0.1')) && !cidr('192.168.0.0/24').containsIP('192.168.1.1')", true],
    ["cidr('192.168.0.0/16').containsCIDR(cidr('192.168.10.0/24')) && !cidr('192.168.0.0/16').containsCIDR('192.168.0.0/15')", true],
    ["cidr('192.168.1.5/24').masked() == cidr('192.168.1.0/24') && cidr('192.168.1.5/24').prefixLength() == 24", true],
    ["string(cidr('2001:db8::/32')) == '2001:db8::/32' && string(cidr('10.1.2.3/8').ip()) == '10.1.2.3'", true],
    ["quantity('500000G').isInteger() && quantity('50k').isInteger() && !quantity('9999999999999999999999999999999999999G').isInteger()", true],
    ["quantity('50k').asInteger()", 50000],
    ["quantity('50.5').asInteger()", 'wrong: cannot convert value to integer'],
    ["quantity('50.703').asApproximateFloat()", 50.703],
    ["isQuantity('1.3G') && isQuantity('1.3Gi') && !isQuantity('1,3G') && !isQuantity('10000kk') && isQuantity('10000k')", true],
    ["quantity('200M').compareTo(quantity('0.2G')) == 0 && quantity('200M') == quantity('0.2G')", true],
    ["quantity('50M').compareTo(quantity('50Mi'))", -1],
    ["quantity('150Mi').isGreaterThan(quantity('100Mi')) && quantity('50M').isLessThan(quantity('100M'))", true],
    ["quantity('50k').add(quantity('20')) == quantity('50020') && quantity('50k').sub(20) == quantity('49980') && quantity('50k').add(20).sub(quantity('100k')).sub(-50000) == quantity('20')", true],
    ["quantity('-1').sign() + quantity('0').sign() + quantity('2').sign()", 0],
    ["quantity('10 Mi')", "wrong: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
    ["semver('1.2.3').major() == 1 && isSemver('1.0.0') && !isSemver('v1.0') && isSemver('v1.0', true)", true],
    ["semver('1.2.3').compareTo(semver('1.2.3')) == 0 && semver('2.0.0').isGreaterThan(semver('1.2.3')) && semver('1.0.0-beta').isLessThan(semver('1.0.0'))", true],
    ["!format.named('dns1123Label').value().validate('name').hasValue()", true],
    ["format.dns1123Subdomain().validate('-bad').value().size()", 1],
    ["format.named('unknown').hasValue()", false],
    ["sets.contains([1, 2, 3, 4], [2, 3]) && sets.equivalent([1, 1], [1]) && !sets.intersects(['a'], ['b'])", true],
    ["'%s has %d of %.1f, %x and %%'.format(['a', 3, 1.25, 255])", 'a has 3 of 1.3, ff and %'],
    ["'%s'.format([[1, 'a', {'k': true}]])", '[1, a, {k: true}]'],
    ["'hello hello'.replace('he', 'we', 1)", 'wello hello'],
    ["'TacoCat'.lowerAscii() + 'Ä'.lowerAscii()", 'tacocatÄ'],
    ["strings.quote('a\"b')", '"a\\"b"'],
    ["'  a '.trim() + 'abc'.charAt(1) + 'gums'.reverse()", 'absmug'],
    ["object.?spec.?missing.orValue('none')", 'none'],
  ])('%s', (expression, expected) => {
    const result = evaluate(expression)
    if (expected === 'wrong') expect(result).toMatch(/^wrong: /)
    else expect(result).toEqual(expected)
  })
})

describe('what a manifest holds', () => {
  it('is data, whatever its keys are called', () => {
    const object = JSON.parse('{ "__proto__": { "a": 1 }, "constructor": "c", "toString": null }') as unknown
    expect(evaluate("object['__proto__'].a == 1 && object.constructor == 'c' && object.toString == null", { object })).toBe(true)
    expect(evaluate("'valueOf' in object || has(object.hasOwnProperty)", { object })).toBe(false)
  })

  it('says whether it lacks something or the expression is wrong', () => {
    expect(evaluate('object.a.b == 1', { object: { a: {} } })).toBe('missing: No such key: b')
    expect(evaluate('object.a[3] == 1', { object: { a: [1] } })).toMatch(/^missing: /)
    expect(evaluate('object.a + 1 == 2', { object: { a: 'x' } })).toMatch(/^wrong: /)
    expect(evaluate('object.a.matches("x")', { object: { a: 5 } })).toBe("wrong: found no matching overload for 'int.matches(string)'")
  })
})

describe('hostile expressions end', () => {
  const objects = Array.from({ length: 200 }, (_, n) => ({ n }))
  const nested = (depth: number, first: string, next: (name: string) => string, last: string): string => Array.from({ length: depth }, (_, i) => `cel.bind(v${i}, ${i === 0 ? first : next(`v${i - 1}`)}, `).join('') + last + ')'.repeat(depth)
  const cost = 'cost: the expression takes too many steps'

  test.each<[string, string]>([
    ['nested loops', 'objects.all(a, objects.all(b, objects.all(c, a.n + b.n + c.n >= 0)))'],
    ['nested loops whose errors are swallowed', 'objects.exists(a, objects.exists(b, objects.exists(c, a.n + b.n + c.n < 0))) || true'],
    ['texts that double', nested(40, "'xxxxxxxxxx'", (name) => `${name} + ${name}`, 'v39.size() > 0')],
    ['lists that double', nested(40, 'objects', (name) => `${name} + ${name}`, 'v39.size() > 0')],
    ['lists in themselves, compared', nested(40, 'objects', (name) => `[${name}, ${name}]`, 'v39 == v38')],
    ['lists in themselves, printed', nested(40, 'objects', (name) => `[${name}, ${name}]`, "'%s'.format([v39]) == ''")],
    ['comparing everything with everything', 'objects.all(a, objects.all(b, [a, objects] != [b, objects] || a == b))'],
    ['replacing with more', nested(30, "'aaaa'", (name) => `${name}.replace('a', 'aaaaaaaaaa')`, "v29 == ''")],
    ['finding all of a long text', nested(12, "'aaaaaaaaaa'", (name) => `${name} + ${name}`, "v11.findAll('a.*z|a').size() > 0")],
    ['matching long texts', nested(17, "'aaaaaaaaaa'", (name) => `${name} + ${name}`, "v16.matches('(a|aa|aaa)*b') || v16.matches('(a*)*(b*)*c')")],
  ])('%s', (_name, expression) => {
    const before = performance.now()
    expect(evaluate(expression, { objects })).toBe(cost)
    expect(performance.now() - before).toBeLessThan(5000)
  })

  it('matches in time linear in the text', () => {
    expect(evaluate("object.text.matches('^(a+)+$')", { object: { text: `${'a'.repeat(2000)}!` } })).toBe(false)
  })

  it.each(['('.repeat(300), `${'true || '.repeat(2000)}true`, "'a'.matches('((a{100}){100}){100}')", "'a'.matches('(')", '!'.repeat(3000) + 'true', `[${'1,'.repeat(900)}1].size() > 0`])('refuses %.20s…', (expression) => {
    expect(evaluate(expression)).toMatch(/^wrong: /)
  })

  it('leaves ordinary work far below the budget', () => {
    const compiled = compileCel("objects.all(o, o.spec.containers.all(c, has(c.image) && c.image.matches('^[a-z./]+:[0-9.]+$')))", { objects: 'list<dyn>' })
    const pods = Array.from({ length: 100 }, () => ({ spec: { containers: [{ image: 'registry.example/app:1.0' }, { image: 'log:2' }] } }))
    expect(compiled.ok && compiled.program.run({ objects: pods }, 100_000)).toMatchObject({ value: true })
  })
})
