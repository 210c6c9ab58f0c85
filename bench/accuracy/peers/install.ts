import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { codeOf, defineError } from '@tidewatch/kit'
import { ensureCachedFolder } from '../../../e2e/support/cached-folder.ts'
import { lastLine } from './peer-process.ts'
import { buildAwsPom } from './pom.ts'

/** A peer's packages cannot be had here. The message says what to install. */
export const PeerNotInstalled = defineError('PEER_NOT_INSTALLED', { retry: 'never' })

const here = fileURLToPath(new URL('.', import.meta.url))
export const requirementsFile = join(here, 'requirements.txt')
const javaSources = join(here, 'java')

const run = promisify(execFile)
const digest = (...texts: readonly string[]): string => createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 12)

/**
 * A virtual environment with Python packages, made at the first call on a machine and kept by what it is made of.
 *
 * @param requirements file of exact versions; default: the peers'.
 * @returns its Python.
 * @throws PeerNotInstalled
 */
export async function ensurePython(requirements = requirementsFile): Promise<string> {
  const python = await toolOf('python3', ['--version'], 'Python 3.11 or newer is not there: install python3 and python3-venv')
  const folder = await ensureCachedFolder(`python-${digest(readFileSync(requirements, 'utf8'), python.version)}`, async (unfinished) => {
    await step(python.command, ['-m', 'venv', unfinished], 'A virtual environment for Python cannot be made: install python3-venv')
    // Called by its module: the scripts of an environment name the folder it was made in.
    await step(join(unfinished, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--requirement', requirements], `pip cannot install what ${requirements} names`)
  })
  return join(folder, 'bin', 'python')
}

/**
 * The AWS forest's jars and the compiled runner.
 *
 * @returns java, and the class path.
 * @throws PeerNotInstalled
 */
export function ensureJava(): Promise<JavaProgram> {
  return ensureJavaProgram({
    name: 'accuracy-java',
    title: 'The AWS forest',
    pom: buildAwsPom(),
    // They name a test library that was never published, and run without what they depend on.
    mavenOptions: ['-DexcludeTransitive=true'],
    sources: listSources(javaSources),
  })
}

/** What Java runs. */
export interface JavaProgram {
  java: string
  classPath: string
  /** What the compiler says of its version, such as `javac 17.0.15`. */
  version: string
}

/** Every file of a folder of sources. */
export const listSources = (folder: string): string[] => readdirSync(folder).sort().map((name) => join(folder, name))

/**
 * A Java program: its jars from Maven, and its sources compiled. Made at the first call on a machine and kept by what it is made of.
 *
 * @param name of its folder in the cache. @param title how messages call it.
 * @throws PeerNotInstalled
 */
export async function ensureJavaProgram(program: { name: string; title: string; pom: string; mavenOptions?: readonly string[]; sources: readonly string[] }): Promise<JavaProgram> {
  const { name, title, pom, mavenOptions = [], sources } = program
  const bin = process.env['JAVA_HOME'] === undefined ? '' : join(process.env['JAVA_HOME'], 'bin/')
  const java = await toolOf(`${bin}java`, ['-version'], 'Java 17 or newer is not there: install a JDK (openjdk-17-jdk-headless)')
  const javac = await toolOf(`${bin}javac`, ['-version'], 'The Java compiler is not there: install a JDK (openjdk-17-jdk-headless)')
  const key = digest(pom, ...mavenOptions, javac.version, ...sources.map((file) => readFileSync(file, 'utf8')))
  const folder = await ensureCachedFolder(`${name}-${key}`, async (unfinished) => {
    const pomFile = join(unfinished, 'pom.xml')
    writeFileSync(pomFile, pom)
    await toolOf('mvn', ['-version'], 'Maven is not there: install maven')
    const repository = ['-B', '-q', '-f', pomFile, 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies']
    await step('mvn', [...repository, ...mavenOptions, `-DoutputDirectory=${join(unfinished, 'jars')}`], `Maven cannot fetch the jars of ${title}`)
    await step(javac.command, ['-cp', join(unfinished, 'jars', '*'), '-d', join(unfinished, 'classes'), ...sources], `${title} cannot be compiled`)
  })
  return { java: java.command, classPath: `${join(folder, 'classes')}:${join(folder, 'jars', '*')}`, version: javac.version }
}

/** A program that is there, and what it says of its version, on whichever output. */
async function toolOf(command: string, args: readonly string[], advice: string): Promise<{ command: string; version: string }> {
  const { stdout, stderr } = await step(command, args, advice)
  return { command, version: (stdout + stderr).trim() }
}

async function step(command: string, args: readonly string[], what: string): Promise<{ stdout: string; stderr: string }> {
  try {
    return await run(command, [...args], { maxBuffer: 16 * 2 ** 20 })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    const complaint = (stderr + stdout).split('\n').find((line) => /ERROR|error:/.test(line)) ?? lastLine(stderr)
    throw new PeerNotInstalled(codeOf(error) === 'ENOENT' || complaint === '' ? what : `${what}: ${complaint.trim()}`, { cause: error })
  }
}
