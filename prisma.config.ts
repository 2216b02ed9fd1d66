/** Read by the Prisma command line, which is only used to generate the client; the server applies migrations itself. */
import { defineConfig } from 'prisma/config'

export default defineConfig({ schema: 'prisma/schema.prisma', migrations: { path: 'prisma/migrations' }, datasource: { url: 'file:./data/readyz.db' } })
