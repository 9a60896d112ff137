import { eventGuard } from './event-definition.ts'
import { PRODUCT_EVENTS, type ProductEvent } from './product/events.ts'
import { RELEASE_EVENTS, type ReleaseEvent } from './release/release.ts'
import { RUN_EVENTS, type RunEvent } from './run/events.ts'
import { SECURITY_EVENTS, type SecurityEvent } from './security/security.ts'

/** Every event that the log may hold. */
export const EVENT_DEFINITIONS = [...PRODUCT_EVENTS, ...RELEASE_EVENTS, ...RUN_EVENTS, ...SECURITY_EVENTS] as const

export type DomainEvent = ProductEvent | ReleaseEvent | RunEvent | SecurityEvent

export const isDomainEvent = eventGuard(EVENT_DEFINITIONS)
