import http from 'node:http'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:http'
import type { Express } from 'express'

/**
 * Express gives every request and response the prototypes of the app. On Node 20 and 22 changing a prototype makes all later property access
 * slow; objects that have these prototypes from the start are left alone. Measured: three to five times the requests per second.
 */
export function createServer(app: Express): Server {
  function Request(this: object, socket: unknown) {
    IncomingMessage.call(this as never, socket as never)
  }
  function Response(this: object, request: unknown, options: unknown) {
    ;(ServerResponse as unknown as (this: object, request: unknown, options: unknown) => void).call(this, request, options)
  }
  Request.prototype = app.request
  Response.prototype = app.response
  return http.createServer({ IncomingMessage: Request, ServerResponse: Response } as never, app)
}

/** A sentence a person can act on, for the errors that listening may meet. */
export function listenErrorText(error: NodeJS.ErrnoException, port: number, host: string | undefined): string {
  if (error.code === 'EADDRINUSE') return `Port ${port} is in use. Stop the other program, or choose another port: PORT=${port + 1} npm start`
  if (error.code === 'EACCES') return `Port ${port} may not be used by this user. Choose one from 1024 on: PORT=3000 npm start`
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') return `HOST=${host ?? ''} is not an address of this machine. Leave it out, or use 127.0.0.1 or 0.0.0.0.`
  return `Cannot listen on port ${port}: ${error.message}`
}
