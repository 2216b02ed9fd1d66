/** Shell scripts: what they print, how long they take, how they end. */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { Fields } from '../../../server/k8s/object.ts'
import { busybox, configMap, deployment, pod, service, web, world } from './world.ts'

/** One container with busybox in which commands are run at one instant. */
function box(profile: Fields = {}, container: Fields = {}, more: Parameters<typeof world>[2] = {}) {
  const w = world({ ...web, ...profile }, [service('web'), pod({ command: ['sleep', 'infinity'], ...container }, {}, 'box'), deployment('web', 1, { readinessProbe: { httpGet: { path: '/readyz', port: 8080 } } })], more)
  w.to(30_000)
  return { w, run: (script: string, timeoutMs?: number) => w.container('box').exec(['sh', '-c', script], timeoutMs) }
}

describe('the language', () => {
  const { run } = box()
  const table: [string, string, number?][] = [
    ['echo a; echo b', 'a\nb\n'],
    ['false || echo no; true && echo yes', 'no\nyes\n'],
    ['false; echo $?', '1\n'],
    ['x=5; y=$((x * 2 + 1)); echo "$x ${y}"', '5 11\n'],
    ['for i in 1 2 3; do if [ $i -eq 2 ]; then continue; fi; echo $i; done', '1\n3\n'],
    ['i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i', '3\n'],
    ['i=0; until [ $i -ge 2 ]; do i=$((i+1)); [ $i = 1 ] && continue; echo $i; done', '2\n'],
    ['case "$HOSTNAME-x" in *-x) echo ends;; *) echo other;; esac', 'ends\n'],
    ['f() { echo "got $1"; return 3; }; f a; echo $?', 'got a\n3\n'],
    ['echo "$(echo inner; exit 4)"; v=$(exit 4); echo $?', 'inner\n4\n'],
    ['echo ${MISSING:-default} ${#PATH} | cut -d" " -f1', 'default\n'],
    ['v=app.tar.gz; echo ${v%.*} ${v%%.*} ${v##*.}', 'app.tar app gz\n'],
    ['cat <<EOF\nline $((1+1))\nEOF', 'line 2\n'],
    ["cat <<'EOF'\nline $x\nEOF", 'line $x\n'],
    ['printf "%s=%03d\\n" a 5 b 12', 'a=005\nb=012\n'],
    ['echo one > /tmp/f; echo two >> /tmp/f; cat /tmp/f; wc -l < /tmp/f', 'one\ntwo\n2\n'],
    ['(cd /tmp; pwd); pwd', '/tmp\n/\n'],
    ['set -e; false; echo never', '', 1],
    ['set -e; if false; then :; fi; false || true; echo still', 'still\n'],
    ['set -eu; echo $NOPE', '', 2],
    ['set -o pipefail; false | true; echo $?', '1\n'],
    ['exit 7', '', 7],
    ['trap "echo bye" EXIT; echo hi', 'hi\nbye\n'],
    ['printf "a\\0b" | tr "\\0" " "; echo aAbB | tr "[:lower:]" "[:upper:]"', 'a bAABB\n'],
    ['echo "a   b  c" | tr -s " "; echo "x1y22" | tr -d "0-9"; echo "a1;b2" | tr -cd "a-z\\n"; echo aabbc | tr -s "ab" "xy"', 'a b c\nxy\nab\nxyc\n'],
    ['printf "é a\\n" > /tmp/w; wc -c /tmp/w; wc -m < /tmp/w; wc /tmp/w | tr -s " "; wc -l /tmp/w /tmp/none 2>/dev/null || echo $?', '5 /tmp/w\n4\n 1 2 5 /tmp/w\n1 /tmp/w\n1 total\n1\n'],
    ['nosuchtool', '', 127],
    ['/etc/passwd', '', 126],
    ['echo a b c | tr a-z A-Z | awk \'{print $2}\'', 'B\n'],
    ['echo "key: value" | sed "s/value/other/" | grep -c other', '1\n'],
    ['printf "b\\na\\nb\\n" | sort -u | head -1', 'a\n'],
    ['while read k v; do echo "$v=$k"; done <<EOF\na 1\nb 2\nEOF', '1=a\n2=b\n'],
    ['mkdir -p /tmp/a/b; touch /tmp/a/b/c; ls /tmp/a/b; find /tmp/a -type f', 'c\n/tmp/a/b/c\n'],
    ['chmod 600 /tmp/f; stat -c "%a %u" /tmp/f', '600 0\n'],
    ['[ -f /tmp/f ] && [ -s /tmp/f ] && ! [ -d /tmp/f ] && [ -n "$(cat /tmp/f)" -a 1 -lt 2 ] && echo ok', 'ok\n'],
    ['eval "echo \\$((2+3))"; command -v sh; type nosuch', '5\nsh\nnosuch: not found\n', 127],
    ['echo a | base64 | base64 -d; seq 2 3', 'a\n2\n3\n'],
    ['if', '', 2],
    ['echo "unclosed', '', 2],
  ]
  it.each(table)('%s', (script, stdout, code = 0) => expect([run(script).stdout, run(script).exitCode]).toEqual([stdout, code]))

  it('lets time pass only where the script waits', () => {
    expect(run('sleep 2; sleep 0.5; sleep 1m; echo x').durationMs).toBe(62_500)
    expect(run('timeout 5 sleep 60; echo $?')).toMatchObject({ stdout: '143\n', durationMs: 5000 })
    expect(run('timeout 5 echo fast; echo $?')).toMatchObject({ stdout: 'fast\n0\n', durationMs: 0 })
    expect(run('sleep 60', 3000)).toMatchObject({ timedOut: true, durationMs: 3000 })
    expect(run('date +%s; sleep 3; date +%s').stdout.trim().split('\n').map(Number).reduce((a, b) => b - a)).toBe(3)
  })

  it('ends scripts that never pause', () => {
    expect(run('while true; do :; done', 10_000)).toMatchObject({ timedOut: true })
    expect(run('f() { f; }; f').durationMs).toBeLessThanOrEqual(3_600_000)
  })

  it('says what it cannot follow, and decides nothing from it', () => {
    const { w, run: inside } = box()
    inside('perl -e 1; python3 x.py')
    inside('diff <(echo a) <(echo b)')
    expect(w.cluster.notes.filter((note) => note.decisive).map((note) => note.text)).toEqual([expect.stringContaining('not modelled')])
  })

  it('never throws, whatever the text', () => {
    const { run: inside } = box()
    const words = fc.constantFrom('if', 'then', 'fi', 'do', 'done', 'while', 'for', 'x', 'in', '$', '${', '}', '(', ')', '"', "'", '`', ';', '&', '|', '||', '&&', '>', '<', '<<', 'EOF', '\n', ' ', '=', '$((', '))', 'echo', 'sleep 1', '/tmp/x', '[', ']', '!', '-f', 'constructor', '__proto__', '*', '\\')
    fc.assert(fc.property(fc.array(words, { maxLength: 14 }), (parts) => {
      const result = inside(parts.join(' '), 5000)
      expect(typeof result.exitCode).toBe('number')
    }), { numRuns: 300, seed: 7 })
  })
})

describe('the network from a shell', () => {
  it('reads names, addresses and answers as the tools print them', () => {
    const { w, run } = box()
    const ip = w.cluster.view.get('Service', 'game', 'web')!.spec!.clusterIP as string
    expect(run('nslookup web.game.svc.cluster.local | tail -2 | head -1').stdout).toBe(`Address: ${ip}\n`)
    expect(run('nslookup web.game').exitCode).toBe(1)
    expect(run('test "$HOSTNAME" = "$(hostname)" && env | grep -c ^HOSTNAME=').stdout).toBe('1\n')
    expect(run('cat /etc/resolv.conf; ls /etc').stdout).toBe('search game.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\nhostname\nhosts\npasswd\nresolv.conf\n')
    expect(run('nslookup web').exitCode).toBe(0)
    expect(run('wget -qO- http://web/readyz')).toMatchObject({ exitCode: 0, stdout: 'ok' })
    expect(run('wget -qO- http://web/none')).toMatchObject({ exitCode: 1, stderr: 'wget: server returned error: HTTP/1.1 404 Not Found\n' })
    expect(run('wget -qO- http://wed/')).toMatchObject({ exitCode: 1, stderr: "wget: bad address 'wed'\n" })
    expect(run('wget -qO- -T 2 http://web:81/')).toMatchObject({ exitCode: 1, stderr: 'wget: download timed out\n', durationMs: 2000 })
    expect(run('nc -zv web 80')).toMatchObject({ exitCode: 0, stderr: `web (${ip}:80) open\n` })
    expect(run('nc -z -w 1 127.0.0.1 8080').exitCode).toBe(1)
  })

  it('curl ends with its own codes', () => {
    const { run } = box({ image: { entrypoint: ['/app'], tools: ['curl'] } })
    const code = (args: string): number => run(`curl -s ${args}`).exitCode
    expect([code('http://web/readyz'), code('http://wed/'), code('http://127.0.0.1:1/'), code('-m 2 http://web:81/'), code('-f http://web/none'), code('http://web/none')]).toEqual([0, 6, 7, 28, 22, 0])
    expect(run('curl -s -o /dev/null -w "%{http_code}\\n" http://web/none').stdout).toBe('404\n')
    expect(run('curl http://web/', 1000).stderr).toBe('')
  })

  it('is not there in a Debian image', () => {
    const { run } = box({ image: { entrypoint: ['/app'], userland: 'debian' } })
    expect([run('wget x').exitCode, run('curl x').exitCode, run('nc -z web 80').exitCode, run('echo ok').exitCode]).toEqual([127, 127, 127, 0])
  })
})

describe('as the command of a container', () => {
  const script = (text: string, more: Fields = {}) => {
    const w = world(web, [service('web'), configMap('cfg', { a: '1' }), pod({ ...busybox(text, more), name: 'app' }, { restartPolicy: 'Never' })])
    w.to(120_000)
    return w
  }
  it('prints into the log at the time of each line', () => {
    const w = script('for i in 1 2 3; do echo "line $i"; sleep 10; done; echo -n end; exit 3')
    expect(w.cluster.runtime.logs({ kind: 'Pod', namespace: 'game', name: 'web' }, 'app', false)!.map((entry) => [entry.at - 15_500, entry.line])).toEqual([[0, 'line 1'], [10_000, 'line 2'], [20_000, 'line 3'], [30_000, 'end']])
    expect(w.exits()).toEqual([[30_500, 'Error', 3]])
  })

  it('ends at once when its command does, and goes on while jobs are waited for', () => {
    expect(script('sleep 30 & echo started').exits()).toEqual([[500, 'Completed', 0]])
    expect(script('sleep 30 & wait; echo done').exits()).toEqual([[30_500, 'Completed', 0]])
  })

  it('does not hold up the clock with a loop that never waits', () => {
    const w = script('while true; do :; done')
    expect([w.exits(), w.cluster.loop.limit]).toEqual([[], undefined])
  })

  it('starts the program with variables of its own', () => {
    const w = world({ ...web, listen: [{ port: '$PORT' }] }, [pod({ command: ['sh', '-c', 'export PORT=9000; exec /app'] })])
    w.to(10_000)
    expect(w.container().listening()).toMatchObject([{ port: 9000 }])
  })

  it('says that a tool it cannot follow leaves its result open', () => {
    const w = script('tar xzf /tmp/assets.tgz; echo unpacked')
    expect(w.exits()).toEqual([])
    expect(w.cluster.notes).toMatchObject([{ decisive: true, text: expect.stringContaining('the tool tar') }])
  })
})

it('gives the same bytes twice', () => {
  const bytes = (): string => {
    const w = world({ ...web, memory: { growPerHour: '1200Mi' } }, [deployment('web', 3, { resources: { limits: { memory: '120Mi' } }, readinessProbe: { httpGet: { path: '/readyz', port: 8080 } } }), service('web'), pod({ ...busybox('until wget -qO- http://web/readyz; do date; sleep 3; done; sleep 3600'), name: 'app' }, {}, 'box')], { run: { traffic: [{ name: 'players', from: { address: '198.51.100.7' }, to: { service: 'service/web', port: 80, path: '/readyz' } }, { name: 'inside', from: { namespace: 'game' }, to: { service: 'service/web', port: 80 }, connection: 'long', lasts: '30s' }], steps: [{ at: 200, restart: 'deployment/web' }, { at: 300, deletePods: { workload: 'deployment/web', count: 1 } }] } })
    w.to(600_000)
    return JSON.stringify([w.cluster.timeline, w.cluster.view.list('Pod'), w.log('box'), w.traffic.of('players')!.lost(0, 600_000), w.traffic.of('inside')!.lost(0, 600_000), [...w.traffic.of('inside')!.byPod(0)]])
  }
  const first = bytes()
  expect(first.length).toBeGreaterThan(10_000)
  expect(bytes()).toBe(first)
})
