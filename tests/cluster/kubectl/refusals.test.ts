import { describe, expect, it } from 'vitest'
import { everyKind } from './objects.ts'
import { stillCluster, told } from './still-cluster.ts'

const cluster = stillCluster(everyKind, 100)
const files = { 'bad.yaml': 'a: [1', 'other.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: x, namespace: shop}\nspec: {}\n', 'old.yaml': 'apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: x}\n' }

/** line, everything printed */
const cases: [string, string][] = [
  ['kubectl gett pods', 'error: unknown command "gett" for "kubectl"\n\nDid you mean this?\n\tset\n\tget\nexit 1\n'],
  ['kubectl frobnicate', 'error: unknown command "frobnicate" for "kubectl"\nexit 1\n'],
  ['helm list', 'helm: command not found; this console runs kubectl (try `kubectl help`)\nexit 127\n'],
  ['kubectl get pods --foo', "error: unknown flag: --foo\nSee 'kubectl get --help' for usage.\nexit 1\n"],
  ['kubectl get pods -Z', "error: unknown shorthand flag: 'Z' in -Z\nSee 'kubectl get --help' for usage.\nexit 1\n"],
  ['kubectl get pods -n', "error: flag needs an argument: 'n' in -n\nSee 'kubectl get --help' for usage.\nexit 1\n"],
  ['kubectl get pods --namespace', "error: flag needs an argument: --namespace\nSee 'kubectl get --help' for usage.\nexit 1\n"],
  ['kubectl logs queued --tail=many', 'error: invalid argument "many" for "--tail" flag: strconv.ParseInt: parsing "many": invalid syntax\nSee \'kubectl logs --help\' for usage.\nexit 1\n'],
  ['kubectl logs queued --since=5', 'error: invalid argument "5" for "--since" flag: time: missing unit in duration "5"\nSee \'kubectl logs --help\' for usage.\nexit 1\n'],
  ['kubectl get', 'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples\nexit 1\n'],
  ['kubectl get foo', 'error: the server doesn\'t have a resource type "foo"\nexit 1\n'],
  ['kubectl get pod nope', 'Error from server (NotFound): pods "nope" not found\nexit 1\n'],
  ['kubectl get deploy/nope', 'Error from server (NotFound): deployments.apps "nope" not found\nexit 1\n'],
  ['kubectl get pod nope --ignore-not-found', ''],
  ['kubectl get pods -n empty', 'No resources found in empty namespace.\n'],
  ['kubectl get pods -A -l app=none', 'No resources found\n'],
  ['kubectl get pod queued -A', 'error: a resource cannot be retrieved by name across all namespaces\nexit 1\n'],
  ['kubectl get pod queued -l app=x', 'error: name cannot be provided when a selector is specified\nexit 1\n'],
  ['kubectl get pods queued/x', "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'\nexit 1\n"],
  ['kubectl get pod/a/b', 'error: arguments in resource/name form may not have more than one slash\nexit 1\n'],
  ['kubectl get pods -o foo', 'error: unable to match a printer suitable for the output format "foo", allowed formats are: custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml\nexit 1\n'],
  ["kubectl get pods -o jsonpath='{.items[*'", 'error: error parsing jsonpath {.items[*, unterminated array\nexit 1\n'],
  ['kubectl get pods -o custom-columns=NAME', 'error: unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>\nexit 1\n'],
  ['kubectl get pods --field-selector spec.foo=1', 'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.foo=1": field label not supported: spec.foo\nexit 1\n'],
  ['kubectl get deploy --field-selector spec.replicas=1', 'Error from server (BadRequest): Unable to find "apps/v1, Resource=deployments" that match label selector "", field selector "spec.replicas=1": "spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"\nexit 1\n'],
  ['kubectl get pods --show-labels -o yaml', 'error: --show-labels option cannot be used with yaml printer\nexit 1\n'],
  ['kubectl describe', 'error: You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.\nexit 1\n'],
  ['kubectl describe pod nope', 'Error from server (NotFound): pods "nope" not found\nexit 1\n'],
  ['kubectl delete pod', 'error: resource(s) were provided, but no name was specified\nexit 1\n'],
  ['kubectl delete pod nope', 'Error from server (NotFound): pods "nope" not found\nexit 1\n'],
  ['kubectl scale deploy login', 'error: required flag(s) "replicas" not set\nexit 1\n'],
  ['kubectl scale deploy login --replicas=1 --current-replicas=9', 'error: Expected replicas to be 9, was 3\nexit 1\n'],
  ['kubectl apply', 'error: must specify one of -f and -k\nexit 1\n'],
  ['kubectl apply -f nope.yaml', 'error: the path "nope.yaml" does not exist\nexit 1\n'],
  ['kubectl apply -f other.yaml -n game', "error: the namespace from the provided object \"shop\" does not match the namespace \"game\". You must pass '--namespace=shop' to perform this operation.\nexit 1\n"],
  ['kubectl apply -f old.yaml', 'error: resource mapping not found for name: "x" namespace: "" from "old.yaml": no matches for kind "Ingress" in version "extensions/v1beta1"\nensure CRDs are installed first\nexit 1\n'],
  ['kubectl exec queued ls', "error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee 'kubectl exec -h' for help and examples\nexit 1\n"],
  ['kubectl exec queued --', 'error: you must specify at least one command for the container\nexit 1\n'],
  ['kubectl exec queued -- ls', 'Error from server (BadRequest): pod queued does not have a host assigned\nexit 1\n'],
  ['kubectl exec leaving -- ls', 'error: Internal error occurred: error sending request: Post "https://10.0.0.12:10250/exec/game/leaving/app?command=ls&error=1&output=1": dial tcp 10.0.0.12:10250: i/o timeout\nexit 1\n'],
  ['kubectl exec leaving -c web -- ls', 'error: container web is not valid for pod leaving out of: app\nexit 1\n'],
  ['kubectl label pod login-6d4-x7k2p app=other', "error: 'app' already has a value (login), and --overwrite is false\nexit 1\n"],
  ['kubectl set image deploy/login web=x', 'error: unable to find container named "web"\nexit 1\n'],
  ['kubectl rollout status cm/login-config', 'error: no status viewer has been implemented for ConfigMap\nexit 1\n'],
  ['kubectl rollout undo deploy/login --to-revision=9', 'error: unable to find specified revision 9 in history\nexit 1\n'],
  ['kubectl create configmap', "error: exactly one NAME is required, got 0\nSee 'kubectl create configmap -h' for help and examples\nexit 1\n"],
  ['kubectl create deployment x', 'error: required flag(s) "image" not set\nexit 1\n'],
  ['kubectl create ns game', 'Error from server (AlreadyExists): namespaces "game" already exists\nexit 1\n'],
  ['kubectl create configmap login-config', 'error: failed to create configmap: configmaps "login-config" already exists\nexit 1\n'],
  ['kubectl edit deploy login', 'error: kubectl edit is not available in this console; change the manifest in the editor and apply it, or use kubectl patch or kubectl set\nexit 1\n'],
  ['kubectl auth can-i get foo --as=ann', 'no\nWarning: the server doesn\'t have a resource type \'foo\'\n\nexit 1\n'],
  ['kubectl get secrets --as=system:serviceaccount:game:login', 'Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:game:login" cannot list resource "secrets" in API group "" in the namespace "game"\nexit 1\n'],
  ['kubectl get nodes --as=ann', 'Error from server (Forbidden): nodes is forbidden: User "ann" cannot list resource "nodes" in API group "" at the cluster scope\nexit 1\n'],
  ['kubectl logs login-6d4-x7k2p -c app --as=bob', 'Error from server (Forbidden): pods "login-6d4-x7k2p" is forbidden: User "bob" cannot get resource "pods" in API group "" in the namespace "game"\nexit 1\n'],
  ['kubectl exec login-6d4-x7k2p -c app --as=ann -- ls', 'Error from server (Forbidden): pods "login-6d4-x7k2p" is forbidden: User "ann" cannot create resource "pods/exec" in API group "" in the namespace "game"\nexit 1\n'],
  ['kubectl wait pod/queued --for=condition=Ready --timeout=2s', 'error: timed out waiting for the condition on pods/queued\nexit 1\n'],
  ['kubectl top pods', 'error: metrics not available yet\nexit 1\n'],
  ['kubectl top pods -l app=nobody', 'No resources found in game namespace.\n'],
  ['kubectl wait pod/queued --for=create --for=condition=Ready --timeout=2s', 'error: timed out waiting for the condition on pods/queued\nexit 1\n'],
  ['kubectl wait pod/queued --for=condition=Ready --timeout=0', 'error: condition not met for pods/queued\nexit 1\n'],
  ['kubectl wait pod/queued --for=condition=Ready --for=readiness', 'error: unrecognized condition: "readiness"\nexit 1\n'],
  ['kubectl scale deploy/login --replicas=1 --dry-run', 'error: --dry-run flag without a value was specified. A value must be set: "none", "server", or "client".\nexit 1\n'],
  ['kubectl scale deploy/login --replicas=1 --dry-run=true', 'error: Invalid dry-run value (true). Must be "none", "server", or "client".\nexit 1\n'],
  ['kubectl label pod queued a=b=c', 'error: invalid label spec: a=b=c\nexit 1\n'],
  ['kubectl label pod queued a=-b', "error: invalid label value: \"a=-b\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')\nexit 1\n"],
  ['kubectl set selector deploy/login a=b', 'error: setting a selector is only supported for Services\nexit 1\n'],
  ['kubectl set selector', 'error: one selector is required\nexit 1\n'],
  ['kubectl set subject deploy/login', 'error: you must specify at least one value of user, group or serviceaccount\nexit 1\n'],
  ['kubectl set subject deploy/login --serviceaccount=x', 'error: serviceaccount must be <namespace>:<name>\nexit 1\n'],
  ['kubectl create foo', "Error: must specify one of -f and -k\n\nerror: unknown command \"foo\"\nSee 'kubectl create -h' for help and examples\nexit 1\n"],
  ['kubectl auth can-i get /metrics --as=ann', 'no\nexit 1\n'],
  ['kubectl auth can-i get /healthz --as=ann', 'yes\n'],
  ['kubectl auth can-i post /apis/apps --as=ann', 'no\nexit 1\n'],
  ['kubectl auth can-i get /metrics', 'yes\n'],
  ['kubectl explain pods -r', "error: unknown shorthand flag: 'r' in -r\nSee 'kubectl explain --help' for usage.\nexit 1\n"],
  ['kubectl explain pods', 'error: the documentation of pods is not loaded in this console\nexit 1\n'],
  ['kubectl taint node node-1 game=yes:NoSchedule', 'error: node node-1 already has game taint(s) with same effect(s) and --overwrite is false\nexit 1\n'],
  ['kubectl taint node node-1 x=y:Never', 'error: invalid taint effect: Never, unsupported taint effect\nexit 1\n'],
  ['kubectl get pods -l app=', 'No resources found in game namespace.\n'],
  ['kubectl get pods -l app=a,', 'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "app=a,", field selector "": found \'\', expected: identifier after \',\'\nexit 1\n'],
  ['kubectl get pods -l "app in login"', 'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "app in login", field selector "": unable to parse requirement: found \'login\' expected: \'(\'\nexit 1\n'],
  ['kubectl get pods -l "app is login"', 'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "app is login", field selector "": unable to parse requirement: found \'is\', expected: in, notin, =, ==, !=, gt, lt\nexit 1\n'],
  ['kubectl get pods -l "app=a b"', 'Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "app=a b", field selector "": found \'b\', expected: \',\' or \'end of string\'\nexit 1\n'],
  ['kubectl get foo.bar.com', 'error: the server doesn\'t have a resource type "foo"\nexit 1\n'],
  ['kubectl label pod/queued -l app=x a=b', 'error: selectors and the all flag cannot be used when passing resource/name arguments\nexit 1\n'],
  ['kubectl scale --replicas=1', "error: You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'\nexit 1\n"],
  ['kubectl rollout restart pod/queued', 'error: pods "queued" restarting is not supported\nexit 1\n'],
  ['kubectl taint node node-1 game', 'error: at least one taint update is required\nexit 1\n'],
  ['kubectl taint node node-1 a=b=c:NoSchedule', 'error: invalid taint spec: a=b=c:NoSchedule\nexit 1\n'],
  ['kubectl drain node-1 -l a=b', 'error: cannot specify both a node name and a --selector option\nexit 1\n'],
  ['kubectl drain node-1', 'node/node-1 cordoned\nerror: unable to drain node "node-1" due to error: cannot delete Pods with local storage (use --delete-emptydir-data to override): game/login-6d4-x7k2p, continuing command...\nThere are pending nodes to be drained:\n node-1\nerror: cannot delete Pods with local storage (use --delete-emptydir-data to override): game/login-6d4-x7k2p\nexit 1\n'],
  ['kubectl logs login-6d4-x7k2p app -c app', 'error: only one of -c or an inline [CONTAINER] arg is allowed\nexit 1\n'],
  ['kubectl logs queued -l app=x', "error: only a selector (-l) or a POD name is allowed\nSee 'kubectl logs -h' for help and examples\nexit 1\n"],
  ['kubectl run x --image=i --restart=Foo', "error: invalid restart policy: Foo\nSee 'kubectl run -h' for help and examples\nexit 1\n"],
  ['kubectl run x --image=i --expose', 'error: --port must be set when exposing a service\nexit 1\n'],
  ['kubectl run x --image=i --port=abc', 'error: strconv.Atoi: parsing "abc": invalid syntax\nexit 1\n'],
  ['kubectl delete pods --all -l app=x', "error: setting 'all' parameter but found a non empty selector. \nexit 1\n"],
  ['kubectl delete pod queued --force --grace-period=5', 'error: --force and --grace-period greater than 0 cannot be specified together\nexit 1\n'],
  ['kubectl delete pod queued -o yaml', "error: unexpected -o output mode: yaml. We only support '-o name'\nexit 1\n"],
  ['kubectl auth can-i --list pods', 'error: list option must be specified with no arguments\nexit 1\n'],
  ['kubectl config foo bar', 'error: unknown command "foo bar"\nSee \'kubectl config -h\' for help and examples\nexit 1\n'],
]

describe('what kubectl refuses, word for word', () => {
  it.each(cases)('%s', (line, text) => expect(told(cluster, line, { files })).toBe(text))

  it('a patch that is no JSON never leaves kubectl', () => expect(told(cluster, `kubectl patch deploy login -p '{"spec":'`)).toMatch(/^error: unable to parse "\{\\"spec\\":": yaml: .+\nexit 1\n$/))

  const pod = 'apiVersion: v1\nkind: Pod\n'
  it.each([
    ['a tab', `${pod}metadata:\n\tname: x\n`, 'line 4: found character that cannot start any token'],
    ['a tab below a value', `${pod}metadata:\n  name: x\n\tlabels: {}\n`, 'line 5: found a tab character that violates indentation'],
    ['a missing colon', 'apiVersion: v1\nkind Pod\nmetadata:\n  name: x\n', "line 3: could not find expected ':'"],
    ['a key too far to the right', `${pod}metadata:\n  name: x\n   labels: {}\n`, 'line 5: mapping values are not allowed in this context'],
    ['a second colon on the first line', 'a: b: c\n', 'mapping values are not allowed in this context'],
    ['a key too far to the left', `${pod}metadata:\n    name: x\n  labels: {}\n`, 'line 4: did not find expected key'],
    ['an item out of line', `${pod}spec:\n  containers:\n  - name: a\n   image: b\n`, "line 5: did not find expected '-' indicator"],
    ['a quote that stays open', 'apiVersion: v1\nkind: "Pod\n', 'line 3: found unexpected end of stream'],
    ['the second document', `${pod}metadata: {name: x}\n---\n${pod}metadata:\n\tname: x\n`, 'line 4: found character that cannot start any token'],
  ])('YAML with %s, in the words of go-yaml', (_what, text, words) => expect(told(cluster, 'kubectl apply -f bad.yaml --dry-run=client', { files: { 'bad.yaml': text } })).toContain(`error parsing bad.yaml: error converting YAML to JSON: yaml: ${words}\n`))

  it('create without files, with its help', () => expect(told(cluster, 'kubectl create')).toMatch(/^Error: must specify one of -f and -k\n\nCreate a resource from a file[^]*Available Commands:[^]*exit 1\n$/))

  it('every change of the past', () => {
    for (const line of ['delete pod queued', 'scale deploy login --replicas=1', 'label pod queued a=b', 'exec leaving -- ls', 'cordon node-1', 'create ns x', 'rollout restart deploy/login', 'apply -f other.yaml']) {
      expect(told(cluster, `kubectl ${line}`, { files, at: 50_000 })).toBe("error: this is the cluster as it was at 2026-01-05T10:00:50Z; what is past can be looked at, not changed\nexit 1\n")
    }
  })
})
