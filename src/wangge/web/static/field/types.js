/**
 * The shapes that modules of this app hand to one another.
 *
 * @typedef {object} Refused why the server would not do a deed
 * @property {number} status HTTP status; 0 when this phone itself refused
 * @property {string} title a sentence for the person
 * @property {{field: string, words: string}[]} problems what to mend, field by field
 *
 * @typedef {object} Deed something a person meant to do
 * @property {string} id UUIDv7, minted here; the same on every retry
 * @property {string} kind `room.verb`
 * @property {string} at ISO moment at which the person did it
 * @property {Record<string, unknown>} body
 * @property {string} by id of the person who did it
 * @property {string} subject the case or task it is about; later deeds on it wait for this one
 * @property {string} title words to show in the list
 * @property {string[]} photos ids of photos that must arrive before it
 * @property {"waiting" | "refused" | "done"} state
 * @property {number} [n] its place in the line, given by the store
 * @property {Refused} [refusal]
 * @property {Record<string, unknown>} [answer]
 * @property {string} [endedAt] ISO moment at which it was done
 *
 * @typedef {object} Photo
 * @property {string} id UUIDv7, which is also the file's id on the server
 * @property {Blob} blob
 * @property {boolean} sent
 *
 * @typedef {object} Store where deeds are safe; every method settles after the disk has it
 * @property {(deed: Deed, photos: Photo[]) => Promise<void>} add deed and photos, or neither
 * @property {(oldId: string, deed: Deed, photos: Photo[]) => Promise<void>} replace keeps the place
 * @property {() => Promise<Deed[]>} all in the order they were added
 * @property {(deed: Deed) => Promise<void>} save a deed that is done lets go of its photos
 * @property {(id: string) => Promise<void>} remove the deed and its photos
 * @property {(id: string) => Promise<Photo | undefined>} photo
 * @property {(id: string) => Promise<void>} photoSent
 *
 * @typedef {object} Reply what came back; no reply at all is a rejected promise
 * @property {number} status
 * @property {unknown} body
 * @property {number} [retryAfter] seconds
 *
 * @typedef {object} Network
 * @property {() => Promise<Reply>} who `{id}` of the signed-in person
 * @property {(photo: Photo) => Promise<Reply>} upload
 * @property {(deeds: Deed[]) => Promise<Reply>} send `{answers: [{id, status, body}]}`
 *
 * @typedef {(work: () => Promise<void>) => Promise<void>} Lock runs the work unless another tab
 *   is at it
 *
 * @typedef {object} CaseClass
 * @property {string} code
 * @property {string} name
 * @property {string} name_en
 * @property {string} platform
 * @property {boolean} urgent
 * @property {boolean} on_the_spot
 * @property {string | null} emergency_line
 * @property {string} condition
 * @property {string} closing_condition
 * @property {boolean} needs_response
 * @property {boolean} open
 *
 * @typedef {object} Task
 * @property {string} id
 * @property {"handle" | "verify" | "inspect" | "joint" | "call_back"} kind
 * @property {"offered" | "accepted" | "doing" | "done" | "cancelled"} state
 * @property {string} case_id
 * @property {string} receipt
 * @property {string} title
 * @property {string} words
 * @property {string} class_code
 * @property {string} class_name
 * @property {string} area_code
 * @property {string} area_name
 * @property {string} place
 * @property {number | null} lon
 * @property {number | null} lat
 * @property {string | null} due_at
 * @property {string | null} answer_by
 * @property {string | null} offered_at
 * @property {boolean} urgent
 * @property {{id: string, url: string}[]} photos
 * @property {string} note
 * @property {number} version
 *
 * @typedef {object} Unit
 * @property {string} id
 * @property {string} name
 * @property {string} area_code
 * @property {number | null} [lon]
 * @property {number | null} [lat]
 *
 * @typedef {object} Me
 * @property {string} id
 * @property {string} name
 * @property {string[]} roles
 * @property {{code: string, name: string}[]} areas
 * @property {Record<string, boolean>} may
 *
 * @typedef {object} Bundle
 * @property {Me} me
 * @property {CaseClass[]} classes
 * @property {[string, string, number][]} keywords
 * @property {Task[]} tasks
 * @property {Unit[]} units
 * @property {string} at
 * @property {string} version of classes, keywords and units: told the server, which then leaves them out
 * @property {string} [asked] ISO moment, by this phone's clock, at which it was asked for
 */
export {};
