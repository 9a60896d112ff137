import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js'
import type { Empty } from '@eventstore/db-client/generated/shared_pb.js'
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
  ReadReq,
  ReadResp,
} from '@eventstore/db-client/generated/streams_pb.js'
import {
  status as grpcStatus,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { type AppendOutcome, type Expected, MemoryLog, type ProposedEvent, type StoredEvent } from './memory-log.ts'
import {
  Any,
  ProtobufEmpty,
  ServerFeaturesService,
  StreamsService,
  serverFeatures,
  shared,
  status,
  streams,
} from './protobuf.ts'

/** What goes wrong with the appends to come; each is used once, in this order. */
export type AppendFault =
  | 'drop before write' // the call breaks, nothing is written
  | 'drop after write' // it is written, and the call breaks before the answer
  | 'hang' // no answer ever
  | { readonly lateMs: number } // it is written at once, and answered late

/** How a subscription behaves. */
export interface SubscriptionFaults {
  /** Ends the call with CANCELLED after so many events, each time. */
  dropAfter?: number
  /** Accepts the call and never says anything. */
  hang?: boolean
  /** Repeats the event at the position asked for, as if positions were inclusive. */
  repeatFirst?: boolean
}

/**
 * Speaks the part of EventStoreDB's gRPC protocol that the adapter uses, over a log in memory, and can misbehave. It is
 * written after the protocol files and the source of the client; the same contract suite runs on a real server when
 * `EVENTSTORE_URL` is set.
 */
export class EventStoreDouble {
  readonly log: MemoryLog
  readonly appendFaults: AppendFault[] = []
  readonly subscriptionFaults: SubscriptionFaults = {}
  /** Answers reads with nothing, for ever. */
  hangReads = false
  /** Calls so far, by method. */
  readonly calls = { append: 0, batchAppend: 0, read: 0, subscribe: 0 }
  #server: Server | undefined
  #port = 0
  readonly #openCalls = new Set<() => void>()

  constructor(log = new MemoryLog()) {
    this.log = log
  }

  get connectionString(): string {
    return `esdb://127.0.0.1:${this.#port}?tls=false`
  }

  /** Listens on a free port at first, and on the same one when it is started again. */
  async start(): Promise<void> {
    const server = new Server({ 'grpc.max_receive_message_length': 32 * 1024 * 1024 })
    server.addService(StreamsService, {
      append: this.#append,
      batchAppend: this.#batchAppend,
      read: this.#read,
    })
    server.addService(ServerFeaturesService, { getSupportedMethods: this.#getSupportedMethods })
    this.#port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${this.#port}`, ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      )
    })
    this.#server = server
  }

  /** As a server that is killed: every call breaks. */
  async stop(): Promise<void> {
    for (const end of [...this.#openCalls]) end()
    this.#server?.forceShutdown()
    this.#server = undefined
  }

  /** Ends all running subscriptions as a server that shuts down does. */
  dropSubscriptions(): void {
    for (const end of [...this.#openCalls]) end()
  }

  get openSubscriptions(): number {
    return this.#openCalls.size
  }

  #getSupportedMethods = (_: ServerUnaryCall<Empty, SupportedMethods>, answer: sendUnaryData<SupportedMethods>) => {
    const methods = new serverFeatures.SupportedMethods().setEventStoreServerVersion('24.10.0')
    for (const name of ['append', 'batchappend', 'read']) {
      methods.addMethods(
        new serverFeatures.SupportedMethod().setMethodName(name).setServiceName('event_store.client.streams.streams'),
      )
    }
    answer(null, methods)
  }

  #append = (call: ServerReadableStream<AppendReq, AppendResp>, answer: sendUnaryData<AppendResp>) => {
    this.calls.append++
    let stream = ''
    let expected: Expected = 'any'
    const events: ProposedEvent[] = []
    call.on('data', (request: AppendReq) => {
      const options = request.getOptions()
      if (options) {
        stream = textOf(options.getStreamIdentifier()!.getStreamName_asU8())
        if (options.hasRevision()) expected = BigInt(options.getRevision())
        else if (options.hasNoStream()) expected = 'no_stream'
        else if (options.hasStreamExists()) expected = 'stream_exists'
      }
      const message = request.getProposedMessage()
      if (message) events.push(proposedEvent(message))
    })
    call.on('end', () => {
      const fault = this.appendFaults.shift()
      const broken = { code: grpcStatus.UNAVAILABLE, details: 'Connection dropped' }
      if (fault === 'hang') return
      if (fault === 'drop before write') return answer(broken)
      const outcome = this.log.append(stream, events, expected)
      if (fault === 'drop after write') return answer(broken)
      const respond = () => {
        if (outcome.kind === 'too_large') {
          answer({ code: grpcStatus.INVALID_ARGUMENT, details: 'Maximum Append Size Exceeded.', metadata: tooLarge() })
        } else answer(null, appendResponse(outcome, expected))
      }
      setTimeout(respond, typeof fault === 'object' ? fault.lateMs : 0)
    })
  }

  #batchAppend = (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>) => {
    const parts = new Map<string, { stream: string; expected: Expected; events: ProposedEvent[] }>()
    call.on('data', (request: BatchAppendReq) => {
      const correlation = request.getCorrelationId()!
      const options = request.getOptions()
      if (options) {
        let expected: Expected = 'any'
        if (options.hasStreamPosition()) expected = BigInt(options.getStreamPosition())
        else if (options.hasNoStream()) expected = 'no_stream'
        else if (options.hasStreamExists()) expected = 'stream_exists'
        const stream = textOf(options.getStreamIdentifier()!.getStreamName_asU8())
        parts.set(correlation.getString(), { stream, expected, events: [] })
      }
      const part = parts.get(correlation.getString())!
      for (const message of request.getProposedMessagesList()) part.events.push(proposedEvent(message))
      if (!request.getIsFinal()) return
      this.calls.batchAppend++
      const fault = this.appendFaults.shift()
      if (fault === 'hang') return
      const broken = { code: grpcStatus.UNAVAILABLE, details: 'Connection dropped' }
      if (fault === 'drop before write') return call.emit('error', broken)
      const outcome = this.log.append(part.stream, part.events, part.expected)
      if (fault === 'drop after write') return call.emit('error', broken)
      const respond = () => call.write(batchResponse(outcome, part.expected, part.stream).setCorrelationId(correlation))
      setTimeout(respond, typeof fault === 'object' ? fault.lateMs : 0)
    })
    call.on('end', () => call.end())
  }

  #read = (call: ServerWritableStream<ReadReq, ReadResp>) => {
    const options = call.request.getOptions()!
    if (options.hasSubscription()) return this.#subscribe(call)
    this.calls.read++
    if (this.hangReads) return
    const backwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS
    const count = BigInt(options.getCount())
    const name = options.getStream()?.getStreamIdentifier()?.getStreamName_asU8()
    const source = name ? this.log.stream(textOf(name)) : this.log.all
    if (!source) {
      const missing = new streams.ReadResp.StreamNotFound().setStreamIdentifier(
        new shared.StreamIdentifier().setStreamName(name ?? ''),
      )
      call.write(new streams.ReadResp().setStreamNotFound(missing))
      call.end()
      return
    }
    const chosen = (backwards ? source.toReversed() : [...source]).filter(startOf(options, backwards))
    void this.#send(call, chosen.slice(0, Number(count > 1_000_000n ? 1_000_000n : count)))
  }

  async #send(call: ServerWritableStream<ReadReq, ReadResp>, events: readonly StoredEvent[]): Promise<void> {
    for (const event of events) {
      if (call.cancelled) return
      if (!call.write(readResponse(event))) await new Promise((resolve) => call.once('drain', resolve))
    }
    call.end()
  }

  #subscribe(call: ServerWritableStream<ReadReq, ReadResp>): void {
    this.calls.subscribe++
    const { dropAfter, hang, repeatFirst } = this.subscriptionFaults
    if (hang) return
    const options = call.request.getOptions()!
    const position = options.getAll()?.getPosition()
    const after = position ? BigInt(position.getCommitPosition()) : -1n
    const filter = options.getFilter()?.getEventType()?.getRegex()
    const pattern = filter ? new RegExp(filter) : undefined
    const confirmation = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId('double')
    call.write(new streams.ReadResp().setConfirmation(confirmation))

    let next = 0
    let sent = 0
    let live = false
    let ended = false
    const end = () => {
      if (ended) return
      ended = true
      unwatch()
      this.#openCalls.delete(end)
      call.emit('error', { code: grpcStatus.CANCELLED, details: 'The server is going away' })
    }
    const pump = () => {
      for (; next < this.log.all.length && !ended; next++) {
        const event = this.log.all[next]!
        if (event.position < after || (event.position === after && !repeatFirst)) continue
        if (pattern && !pattern.test(event.type)) continue
        call.write(readResponse(event))
        // The server reports progress per search window, regardless of what the client has handled.
        if (options.hasFilter() && ++sent % 8 === 0) call.write(checkpoint(this.log.all.at(-1)!.position))
        if (sent === dropAfter) return end()
      }
      if (!live && !ended) call.write(new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()))
      live = true
    }
    const unwatch = this.log.watch(pump)
    this.#openCalls.add(end)
    call.on('cancelled', () => {
      ended = true
      unwatch()
      this.#openCalls.delete(end)
    })
    pump()
  }
}

/** Whether an event lies at or behind the place where a read begins; reads include their place when they go forwards. */
function startOf(options: ReadReq.Options, backwards: boolean): (event: StoredEvent) => boolean {
  const stream = options.getStream()
  if (stream?.hasRevision()) {
    const revision = BigInt(stream.getRevision())
    return (event) => (backwards ? event.revision <= revision : event.revision >= revision)
  }
  const position = options.getAll()?.getPosition()
  if (!position) return () => true
  const commit = BigInt(position.getCommitPosition())
  return (event) => (backwards ? event.position < commit : event.position >= commit)
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

function proposedEvent(message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage): ProposedEvent {
  return {
    id: message.getId()!.getString(),
    type: message.getMetadataMap().get('type') ?? '',
    contentType: message.getMetadataMap().get('content-type') ?? '',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  }
}

function readResponse(event: StoredEvent): ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(event.id))
    .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(event.stream).toString('base64')))
    .setStreamRevision(event.revision.toString())
    .setCommitPosition(event.position.toString())
    .setPreparePosition(event.position.toString())
    .setData(event.data)
    .setCustomMetadata(event.metadata)
  recorded.getMetadataMap().set('type', event.type)
  recorded.getMetadataMap().set('content-type', event.contentType)
  recorded.getMetadataMap().set('created', event.createdTicks.toString())
  const read = new streams.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(event.position.toString())
  return new streams.ReadResp().setEvent(read)
}

function checkpoint(position: bigint): ReadResp {
  const value = position.toString()
  return new streams.ReadResp().setCheckpoint(
    new streams.ReadResp.Checkpoint().setCommitPosition(value).setPreparePosition(value),
  )
}

function appendResponse(outcome: Exclude<AppendOutcome, { kind: 'too_large' }>, expected: Expected): AppendResp {
  if (outcome.kind === 'success') {
    const position = new streams.AppendResp.Position()
      .setCommitPosition(outcome.position.toString())
      .setPreparePosition(outcome.position.toString())
    return new streams.AppendResp().setSuccess(
      new streams.AppendResp.Success().setCurrentRevision(outcome.revision.toString()).setPosition(position),
    )
  }
  const wrong = new streams.AppendResp.WrongExpectedVersion()
  if (outcome.actual === 'no_stream') wrong.setCurrentNoStream(new shared.Empty())
  else wrong.setCurrentRevision(outcome.actual.toString())
  if (typeof expected === 'bigint') wrong.setExpectedRevision(expected.toString())
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty())
  else wrong.setExpectedStreamExists(new shared.Empty())
  return new streams.AppendResp().setWrongExpectedVersion(wrong)
}

function batchResponse(outcome: AppendOutcome, expected: Expected, stream: string): BatchAppendResp {
  const response = new streams.BatchAppendResp().setStreamIdentifier(
    new shared.StreamIdentifier().setStreamName(Buffer.from(stream).toString('base64')),
  )
  if (outcome.kind === 'success') {
    const position = new shared.AllStreamPosition()
      .setCommitPosition(outcome.position.toString())
      .setPreparePosition(outcome.position.toString())
    return response.setSuccess(
      new streams.BatchAppendResp.Success().setCurrentRevision(outcome.revision.toString()).setPosition(position),
    )
  }
  const details = new Any()
  if (outcome.kind === 'too_large') {
    const tooLarge = new shared.MaximumAppendSizeExceeded().setMaxappendsize(1024 * 1024)
    details.pack(tooLarge.serializeBinary(), 'event_store.client.MaximumAppendSizeExceeded')
  } else {
    const wrong = new shared.WrongExpectedVersion()
    if (outcome.actual === 'no_stream') wrong.setCurrentNoStream(new ProtobufEmpty())
    else wrong.setCurrentStreamRevision(outcome.actual.toString())
    if (typeof expected === 'bigint') wrong.setExpectedStreamPosition(expected.toString())
    else if (expected === 'no_stream') wrong.setExpectedNoStream(new ProtobufEmpty())
    else wrong.setExpectedStreamExists(new ProtobufEmpty())
    details.pack(wrong.serializeBinary(), 'event_store.client.WrongExpectedVersion')
  }
  return response.setError(new status.Status().setMessage(outcome.kind).setDetails(details))
}

function tooLarge(): Metadata {
  const metadata = new Metadata()
  metadata.set('exception', 'maximum-append-size-exceeded')
  metadata.set('maximum-append-size', String(1024 * 1024))
  return metadata
}
