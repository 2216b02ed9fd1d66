/** The tools a shell image brings, by name. A tool that is installed and not here stays undecided when it is run. */
import type { Command } from '../builtins.ts'
import { fileTools } from './files.ts'
import { nameTools } from './names.ts'
import { networkTools } from './network.ts'
import { processTools } from './processes.ts'
import { textTools } from './text.ts'

export const tools: ReadonlyMap<string, Command> = new Map([...fileTools, ...textTools, ...networkTools, ...nameTools, ...processTools])
