// Members of MLS groups on ts-mls, driven over standard input and output: a command a line, an answer a line, both JSON, bytes in hexadecimal.
//
//   { "do": "create", "as": "bob", "group": "00ff" }      {}
//   { "do": "send", "as": "bob", "data": "686f" }         { "message": "0001..." }
//   { "do": "receive", "as": "bob", "message": "..." }    { "error": "ValidationError: ..." }, and bob is as he was before
//
// One process holds many members; each says who it is when it is made ("client"). The commands are the functions of `commands` below.

import { createInterface } from 'node:readline'
import * as mls from 'ts-mls'
import { suiteOf, newSignatureKeys, named, hex, bytes, vector, lifetime, encode, sameBytes } from './common.mjs'
import { signLeafNodeCommit } from 'ts-mls/leafNode.js'
import { ratchetTreeEncoder, decodeRatchetTree } from 'ts-mls/ratchetTree.js'
import { encode as encoderOf } from 'ts-mls/codec/tlsEncoder.js'

const members = new Map()

const commands = {
  // { as, suite, basic | x509, uncured? }: a client that can found and join groups
  async client({ as, suite, basic, x509, uncured }) {
    const impl = await suiteOf(suite)
    members.set(as, {
      suite: impl,
      uncured,
      credential: x509
        ? { credentialType: 'x509', certificates: x509.map(bytes) }
        : { credentialType: 'basic', identity: bytes(basic) },
      signatureKeys: uncured ? await impl.signature.keygen() : await newSignatureKeys(impl, suite),
      psks: {},
    })
    return {}
  },

  // { as }: a new key package; the latest is the one that joins
  async keyPackage({ member }) {
    member.keyPackage = await newKeyPackage(member)
    return { message: encode({ version: 'mls10', wireformat: 'mls_key_package', keyPackage: member.keyPackage.publicPackage }) }
  },

  async create({ member, group }) {
    const { publicPackage, privatePackage } = await newKeyPackage(member)
    member.state = await mls.createGroup(bytes(group), publicPackage, privatePackage, [], member.suite)
    return {}
  },

  // { as, welcome, tree? }
  async join({ member, welcome, tree }) {
    const { publicPackage, privatePackage } = member.keyPackage
    const message = named(decode(welcome), 'mls_welcome').welcome
    member.state = await mls.joinGroup(message, publicPackage, privatePackage, psksOf(member), member.suite, decodeTree(tree))
    return {}
  },

  // { as, groupInfo, tree?, resync? }
  async joinExternally({ member, groupInfo, tree, resync }) {
    const { publicPackage, privatePackage } = await newKeyPackage(member)
    const info = named(decode(groupInfo), 'mls_group_info').groupInfo
    const { publicMessage, newState } = await mls.joinGroupExternal(
      info, publicPackage, privatePackage, resync ?? false, readingExternalPub(member.suite, info), decodeTree(tree))
    member.state = newState
    return { message: encode({ version: 'mls10', wireformat: 'mls_public_message', publicMessage }) }
  },

  // { as, withTree }
  async groupInfo({ member, withTree }) {
    const create = withTree ? mls.createGroupInfoWithExternalPubAndRatchetTree : mls.createGroupInfoWithExternalPub
    const groupInfo = await create(member.state, [], member.uncured ? member.suite : writingExternalPub(member.suite))
    return { message: encode({ version: 'mls10', wireformat: 'mls_group_info', groupInfo }) }
  },

  async tree({ member }) {
    return { tree: hex(encoderOf(ratchetTreeEncoder)(member.state.ratchetTree)) }
  },

  // { as, id, key }: an external key that the member knows
  async psk({ member, id, key }) {
    member.psks[mls.bytesToBase64(bytes(id))] = bytes(key)
    return {}
  },

  // { as, open, changes, treeInWelcome? }: covers what was proposed before, and goes to the next epoch at once
  async commit({ member, open, changes, treeInWelcome }) {
    const result = await mls.createCommit(
      { state: member.state, cipherSuite: member.suite, pskIndex: psksOf(member) },
      { wireAsPublicMessage: open, extraProposals: changes.map(c => proposalOf(member, c)), ratchetTreeExtension: treeInWelcome ?? true })
    member.state = result.newState
    const welcome = result.welcome && encode({ version: 'mls10', wireformat: 'mls_welcome', welcome: result.welcome })
    return { message: encode(result.commit), welcome: welcome ?? null }
  },

  // { as, open, change }
  async propose({ member, open, change }) {
    const { newState, message } = await mls.createProposal(member.state, open, proposalOf(member, change), member.suite)
    member.state = newState
    return { message: encode(message) }
  },

  // { as, open }: ts-mls has no call that makes the leaf of an Update, so it is signed here with its own function for leaves
  async proposeUpdate({ member, open }) {
    const { suite, state } = member
    const { leafIndex } = state.privatePath
    const old = state.ratchetTree[2 * leafIndex].leaf
    const keys = await suite.hpke.generateKeyPair()
    const leafNode = await signLeafNodeCommit({
      ...old,
      leafNodeSource: 'update',
      hpkePublicKey: await suite.hpke.exportPublicKey(keys.publicKey),
      groupId: state.groupContext.groupId,
      leafIndex,
    }, state.signaturePrivateKey, suite.signature)
    member.updateKey = await suite.hpke.exportPrivateKey(keys.privateKey)
    const { newState, message } = await mls.createProposal(state, open, { proposalType: 'update', update: { leafNode } }, suite)
    member.state = newState
    return { message: encode(message) }
  },

  // { as, message }: a proposal, a commit or data
  async receive({ member, message }) {
    let state = member.state
    if (member.updateKey) {
      // Who covers our Update gets to see its new key from the next epoch on; the private key is ours to put in place before that.
      let covered = false
      await process(member, message, commit => {
        covered = commit.kind === 'commit' && commit.proposals.some(p => p.proposal.proposalType === 'update' && p.senderLeafIndex === state.privatePath.leafIndex)
        return 'reject'
      })
      if (covered) {
        const node = 2 * state.privatePath.leafIndex
        state = { ...state, privatePath: { ...state.privatePath, privateKeys: { ...state.privatePath.privateKeys, [node]: member.updateKey } } }
        member.updateKey = undefined
      }
    }

    const result = await process({ ...member, state }, message, mls.acceptAll)
    member.state = result.newState
    return { data: result.message === undefined ? null : hex(result.message) }
  },

  // { as, data }
  async send({ member, data }) {
    const { newState, privateMessage } = await mls.createApplicationMessage(member.state, bytes(data), member.suite)
    member.state = newState
    return { message: encode({ version: 'mls10', wireformat: 'mls_private_message', privateMessage }) }
  },

  // { as, label, length }: what everybody must see alike; the context of the exporter is the id of the group
  async look({ member, label, length }) {
    const { state, suite } = member
    return {
      epoch: Number(state.groupContext.epoch),
      leaf: state.privatePath.leafIndex,
      isMember: state.groupActiveState.kind !== 'removedFromGroup',
      authenticator: hex(state.keySchedule.epochAuthenticator),
      exported: hex(await mls.mlsExporter(state.keySchedule.exporterSecret, label, state.groupContext.groupId, length, suite)),
    }
  },

  // { as, command, ... }: the median of the processor time of one call of a command, each from the same state
  async time({ member, command, ...parameters }) {
    const times = []
    const { state, keyPackage } = member
    for (let i = 0, end = Date.now() + 400; i < 5 || (Date.now() < end && i < 100); i++) {
      const before = globalThis.process.cpuUsage()
      await commands[command]({ member, ...parameters })
      const { user, system } = globalThis.process.cpuUsage(before)
      times.push(user + system)
      Object.assign(member, { state, keyPackage })
    }
    times.sort((a, b) => a - b)
    return { microseconds: times[times.length >> 1] }
  },

  async forget() {
    members.clear()
    return {}
  },
}

// The whole of a private message is checked before a callback sees what is in it, so that asking twice is the same as asking once.
async function process({ state, suite, psks }, message, callback) {
  const decoded = decode(message)
  const index = mls.makePskIndex(state, psks)
  switch (decoded.wireformat) {
    case 'mls_public_message':
      return mls.processPublicMessage(state, decoded.publicMessage, index, suite, callback)
    case 'mls_private_message':
      // Not processMessage: that one forgets the pre-shared keys of a private commit.
      return mls.processPrivateMessage(state, decoded.privateMessage, index, suite, callback)
    default:
      throw new Error(`a ${decoded.wireformat} is not for a group`)
  }
}

const newKeyPackage = ({ suite, credential, signatureKeys }) =>
  mls.generateKeyPackageWithKey(credential, mls.defaultCapabilities(), lifetime(), [], signatureKeys, suite)

const psksOf = ({ state, psks }) => mls.makePskIndex(state, psks)

function proposalOf({ suite }, { add, remove, psk, extensions }) {
  if (add !== undefined)
    return { proposalType: 'add', add: { keyPackage: named(decode(add), 'mls_key_package').keyPackage } }
  if (remove !== undefined)
    return { proposalType: 'remove', remove: { removed: remove } }
  if (psk !== undefined)
    return { proposalType: 'psk', psk: { preSharedKeyId: { psktype: 'external', pskId: bytes(psk), pskNonce: suite.rng.randomBytes(suite.kdf.size) } } }
  return { proposalType: 'group_context_extensions', groupContextExtensions: { extensions: extensions.map(e => ({ extensionType: e.type, extensionData: bytes(e.data) })) } }
}

// ts-mls 1.6.4 writes and reads the external_pub extension as the bare key, where RFC 9420 section 12.4.3.2 has
// struct { HPKEPublicKey external_pub; }, a vector with its length in front. The signature of the GroupInfo covers the extension,
// so the cure has to sit where ts-mls exports and imports that key.
const writingExternalPub = suite => ({
  ...suite,
  hpke: { ...suite.hpke, exportPublicKey: async key => vector(await suite.hpke.exportPublicKey(key)) },
})

function readingExternalPub(suite, info) {
  const field = info.extensions.find(e => e.extensionType === 'external_pub')?.extensionData
  const isField = key => field !== undefined && sameBytes(key, field)
  return {
    ...suite,
    hpke: { ...suite.hpke, importPublicKey: key => suite.hpke.importPublicKey(isField(key) ? unwrapped(key) : key) },
  }
}

const unwrapped = field => field.slice(field[0] < 0x40 ? 1 : 2)

function decode(message) {
  const input = bytes(message)
  const decoded = mls.decodeMlsMessage(input, 0)
  if (decoded === undefined || decoded[1] !== input.length)
    throw new Error('not an MLSMessage')
  return decoded[0]
}

const decodeTree = tree => (tree ? decodeRatchetTree(bytes(tree), 0)[0] : undefined)

async function answer(line) {
  try {
    const { do: command, ...parameters } = JSON.parse(line)
    return await commands[command]({ ...parameters, member: members.get(parameters.as) })
  } catch (error) {
    return { error: `${error.name}: ${error.message}` }
  }
}

for await (const line of createInterface({ input: globalThis.process.stdin }))
  console.log(JSON.stringify(await answer(line)))
