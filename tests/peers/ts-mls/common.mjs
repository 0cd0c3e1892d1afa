// What peer.mjs and bench.mjs share.

import { webcrypto } from 'node:crypto'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import * as mls from 'ts-mls'

// Node 18, which Debian 12 has, keeps it to itself.
globalThis.crypto ??= webcrypto

/** The suite with a number of RFC 9420 section 17.1. */
export function suiteOf(number) {
  const name = Object.keys(mls.ciphersuites).find(key => mls.ciphersuites[key] === number)
  return mls.getCiphersuiteImpl(mls.getCiphersuiteFromName(name))
}

// ts-mls 1.6.4 makes compressed public keys on the NIST curves, where RFC 9420 section 5.1.1 has uncompressed ones. It can use both.
const nistCurves = { 2: p256, 5: p521, 7: p384 }

/** A signature key pair of the suite with that number. */
export async function newSignatureKeys(suite, number) {
  const { signKey, publicKey } = await suite.signature.keygen()
  return { signKey, publicKey: nistCurves[number]?.getPublicKey(signKey, false) ?? publicKey }
}

/** A message, if it is of that kind. */
export function named(message, wireformat) {
  if (message.wireformat !== wireformat)
    throw new Error(`a ${message.wireformat} where a ${wireformat} should be`)
  return message
}

export const hex = data => Buffer.from(data).toString('hex')

export const bytes = text => new Uint8Array(Buffer.from(text, 'hex'))

export const encode = message => hex(mls.encodeMlsMessage(message))

export const sameBytes = (one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)) === 0

/** opaque value<V> of RFC 9420 section 2.1.2, up to 16,383 bytes. */
export const vector = data => new Uint8Array(data.length < 0x40 ? [data.length, ...data] : [0x40 | (data.length >> 8), data.length & 0xff, ...data])

/** From an hour ago for a day: ts-mls refuses to add anybody for longer than a month. */
export function lifetime() {
  const now = BigInt(Math.floor(Date.now() / 1000))
  return { notBefore: now - 3600n, notAfter: now + 86400n }
}
