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
 * @property {string | null} [was] what stood at a door before it
 * @property {import("./vault.js").Sealed} [sealed] what was typed, under the rosters' key
 * @property {Uint8Array<ArrayBuffer>} [letter] the body, sealed to the server; `body` is empty then
 * @property {string} [plain] words for the list that may lie on the disk, where `title` may not
 *
 * @typedef {object} Photo
 * @property {string} id UUIDv7, which is also the file's id on the server
 * @property {Blob} [blob]
 * @property {Uint8Array<ArrayBuffer>} [letter] in place of the blob: sealed to the server
 * @property {boolean} sent
 *
 * @typedef {object} Store where deeds are safe; every method settles after the disk has it
 * @property {(deed: Deed, photos: Photo[]) => Promise<void>} add deed and photos, or neither
 * @property {(oldId: string, deed: Deed, photos: Photo[]) => Promise<void>} replace keeps the place
 * @property {() => Promise<Deed[]>} all in the order they were added
 * @property {(old: Deed, sealed: Deed, photos: Photo[]) => Promise<void>} close put the sealed one in
 *   the place of the open one and its photos, unless that has changed or gone meanwhile
 * @property {(deed: Deed) => Promise<void>} save a deed that is done lets go of its photos
 * @property {(deeds: Deed[], memos: DoorMemo[]) => Promise<void>} settle all of it or nothing; a
 *   report of a door that is done leaves, its memo stays
 * @property {() => Promise<DoorMemo[]>} memos
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
 * @property {string} [why]
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
 * @property {string} [letterbox] the server's public key, base64
 * @property {string} version of classes, keywords and units: told the server, which then leaves them out
 * @property {string} [asked] ISO moment, by this phone's clock, at which it was asked for
 *
 * @typedef {object} Person somebody behind a door, masked
 * @property {string} id
 * @property {string} name
 * @property {boolean} special cannot come out: on the list made beforehand
 *
 * @typedef {object} Door as the server tells it
 * @property {string} id
 * @property {number} floor
 * @property {string} room
 * @property {string} label
 * @property {Person[]} people
 * @property {string} joined
 * @property {boolean} gone
 * @property {string | null} prior
 * @property {string | null} outcome
 * @property {Record<string, string>} persons
 * @property {string[]} needs
 * @property {Record<string, string | number | boolean>} answers
 * @property {number} version reports seen
 * @property {string[]} flagged fields a person has to decide
 * @property {number} tries
 * @property {string[]} [asks] questions nobody has a fresh answer to: `key`, `key@n` of the n-th person
 * @property {Record<string, string | number | boolean>} [known] what conditions of others speak of
 * @property {Record<string, string | number | boolean>} [before] answers of the round before, until said again
 * @property {string | null} [before_on] ISO day of those
 * @property {string} [what] the register it stands in, in words; a home without
 *
 * @typedef {object} Block what one person walks: a stairwell, or a street or village (`road`)
 * @property {string} id
 * @property {string} area_code
 * @property {"unit" | "road"} [kind]
 * @property {string} label
 * @property {number} mark
 * @property {number[][] | null} floors
 * @property {boolean} [home] mine for visits at home: who cannot come out, and no other door
 * @property {number[][]} [visits] floors of such visits of whoever knocks on some too
 * @property {number | null} wave
 * @property {string | null} called_at
 * @property {Door[]} doors
 *
 * @typedef {unknown[]} Node a condition as data: what it is, and its parts
 *
 * @typedef {object} Question
 * @property {string} key
 * @property {string} words
 * @property {"bool" | "choice" | "choices" | "number" | "decimal" | "date" | "text" | "phone" | "note"} kind
 * @property {{code: string, words: string}[]} [choices]
 * @property {string} [hint]
 * @property {"person"} [of] of the household without
 * @property {boolean} [required]
 * @property {Node} [when] where it is shown
 * @property {Node} [must] what its answer must be
 * @property {string} [must_words]
 *
 * @typedef {object} Round
 * @property {string} id
 * @property {string} kind
 * @property {string} kind_name
 * @property {string} title
 * @property {{code: string, words: string, settled: boolean, mark: string}[]} buttons
 * @property {Question[]} questions
 * @property {Record<string, string>} persons
 * @property {Record<string, string>} hows
 * @property {Record<string, string>} help
 * @property {boolean} tubes
 * @property {boolean} [by_tube] whoever is listed is done by a tube, and by no word alone
 * @property {boolean} [stops] goes to shops, hotels, vehicles …, and not to homes
 * @property {string} [unit] counts its doors in Chinese: 户, 家, 辆, 处
 * @property {number} turn
 * @property {string} opened_at
 * @property {string} ends_at
 * @property {string | null} closed_at
 * @property {string} wipe_at
 *
 * @typedef {object} MyBlock a block of mine, as listed
 * @property {string} id
 * @property {string} area_code
 * @property {string} label
 * @property {number} total
 * @property {number} reported
 * @property {number[][] | null} floors
 * @property {boolean} [home] for visits at home alone
 *
 * @typedef {{round: Round, blocks: MyBlock[]}} MyRound
 *
 * @typedef {object} DoorMemo what became of this phone's reports of a door
 * @property {string} id round/door
 * @property {string} round
 * @property {string} by whose reports
 * @property {string} last its last report, named as `after` by the next
 * @property {string} mine the report that may be taken back, "" for none
 * @property {string | null} was what stood before it
 * @property {number} turn the pass it was made in
 * @property {number} version
 * @property {string | null} outcome
 * @property {string[]} flagged
 * @property {boolean} late
 * @property {string[]} [answered] questions answered, without the answers
 *
 * @typedef {object} SealedRoster
 * @property {string} id owner/round/block
 * @property {string} owner
 * @property {string} round
 * @property {string} block
 * @property {string} wipeAt ISO moment, by the server's clock
 * @property {boolean} borrowed opened by its code, not dealt to this person
 * @property {Uint8Array<ArrayBuffer>} iv
 * @property {ArrayBuffer} data
 *
 * @typedef {object} Line what somebody says of a door
 * @property {string | null} outcome
 * @property {string} how
 * @property {Record<string, string>} [persons]
 * @property {string[]} [needs]
 * @property {Record<string, string | number | boolean>} [answers]
 * @property {string} [words]
 * @property {string} [undoes]
 *
 * @typedef {object} OldHome a household with something to ask at the next visit
 * @property {string} id
 * @property {string} room
 * @property {string} dwelling
 * @property {string[]} stale names of its own fields
 * @property {{id: string, version: number, name: string, relation: string, stale: string[]}[]} people
 * @property {[string, number][]} seen all its rows as they were shown: id and version
 *
 * @typedef {object} OldStairwell
 * @property {string} unit_id
 * @property {string} name
 * @property {OldHome[]} homes
 */
export {};
