/** `readyz simulate … --output json | head`: when whoever reads has seen enough, the command ends without a word, as other commands do. */
export function endWithReader(stream) {
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
}
