import { createRequire } from 'node:module'
import type * as ServerFeaturesGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js'
import type * as ServerFeatures from '@eventstore/db-client/generated/serverfeatures_pb.js'
import type * as Shared from '@eventstore/db-client/generated/shared_pb.js'
import type * as Status from '@eventstore/db-client/generated/status_pb.js'
import type * as StreamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js'
import type * as Streams from '@eventstore/db-client/generated/streams_pb.js'
import type * as AnyMessage from 'google-protobuf/google/protobuf/any_pb.js'
import type * as EmptyMessage from 'google-protobuf/google/protobuf/empty_pb.js'

/** The protobuf classes that the client was generated with; they are not part of its public interface, hence `require`. */
const require = createRequire(import.meta.url)
const generated = (name: string): unknown => require(`@eventstore/db-client/generated/${name}.js`)

export const shared = generated('shared_pb') as typeof Shared
export const streams = generated('streams_pb') as typeof Streams
export const status = generated('status_pb') as typeof Status
export const serverFeatures = generated('serverfeatures_pb') as typeof ServerFeatures
export const { StreamsService } = generated('streams_grpc_pb') as typeof StreamsGrpc
export const { ServerFeaturesService } = generated('serverfeatures_grpc_pb') as typeof ServerFeaturesGrpc
export const { Any } = require('google-protobuf/google/protobuf/any_pb.js') as typeof AnyMessage
export const { Empty: ProtobufEmpty } = require('google-protobuf/google/protobuf/empty_pb.js') as typeof EmptyMessage
