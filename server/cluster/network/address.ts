/** IPv4 addresses and blocks. PURE. */

/** The 32 bits of a dotted address, or undefined when the text is not one. */
export function bitsOf(address: string): number | undefined {
  const parts = address.split('.')
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255)) return undefined
  return parts.reduce((bits, part) => bits * 256 + Number(part), 0)
}

/** Is it a name or an address of the machine that asks? */
export function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

/** The address at a place in a block, counted from its first. */
export function addressIn(block: string, place: number): string {
  const [base = '', length = ''] = block.split('/')
  const size = 2 ** (32 - Number(length))
  const bits = Math.floor((bitsOf(base) ?? 0) / size) * size + place
  return [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join('.')
}

/** Is the address inside `a.b.c.d/n`? A malformed block contains nothing. */
export function inBlock(address: string, block: string): boolean {
  const [base = '', length = ''] = block.split('/')
  const bits = bitsOf(address)
  const start = bitsOf(base)
  if (bits === undefined || start === undefined || !/^\d{1,2}$/.test(length) || Number(length) > 32) return false
  const size = 2 ** (32 - Number(length))
  return Math.floor(bits / size) === Math.floor(start / size)
}
