/*
 * domaindesk-sync: keeps a DomainDesk database in step with domain registrars.
 *
 * A handle (dds_sync) stands for one database. It syncs single domains, batches and TLD prices. Results are JSON texts,
 * the same objects as in PHP.
 *
 *     dds_sync *sync = NULL;
 *     dds_error *error = NULL;
 *     char *result = NULL;
 *     if (dds_sync_new("{\"database\": \"sqlite:/srv/app.sqlite\", \"app_key\": \"base64:...\"}", &sync, &error) == DDS_OK
 *         && dds_sync_domain(sync, "example.com", NULL, &result, &error) == DDS_OK) {
 *         puts(result);
 *     } else {
 *         fprintf(stderr, "%s\n", dds_error_message(error));
 *     }
 *     dds_string_free(result);
 *     dds_error_free(error);
 *     dds_sync_free(sync);
 *
 * Link with -ldomaindesk_sync. The static library also needs -lsqlite3 -lm -lpthread -ldl -lgcc_s, and is for programs
 * with no other static library that is written in Rust.
 *
 * Errors. A function that can fail returns a dds_code: DDS_OK, which is 0, or one of the DDS_ERR_ numbers. Where it fails
 * and `error` is not NULL, *error receives an object that tells more, and that the caller frees with dds_error_free(). On
 * success *error is set to NULL; what was there before is written over, so free it first. What is handed out otherwise is
 * set to NULL on failure: it is always right to free it. There is no last-error variable. That a registrar fails or refuses
 * a domain is no failure of the call: it is told in the JSON ("success": false).
 *
 * Ownership. What a function hands out belongs to the caller, and is freed once, by the function that is named there: never
 * by free(). Freeing NULL does nothing. What is passed in is only read, and is not kept when the call returns.
 *
 * NULL. A pointer must not be NULL unless its function says that it may be. One that is fails the call with
 * DDS_ERR_NULL_POINTER, and nothing is done.
 *
 * Texts end with a NUL and are UTF-8. Others fail the call with DDS_ERR_INVALID_UTF8.
 *
 * Threads. Any thread may call any function, and any number of calls may use one handle at the same time. The exception is
 * dds_sync_free(): no other call may be under way on its handle. Calls block until the work is done, stopped or failed; no
 * lock is held while a callback runs. The library has threads of its own from the first dds_sync_new() to the last
 * dds_sync_free(). They call nothing of the program's but the functions of a dds_registrar or dds_connection that it gives,
 * and receive none of its signals. A program that ends without freeing
 * its handles loses nothing: every domain is then either whole before or whole after.
 *
 * Signals. The library changes no signal's handling. A program should ignore SIGPIPE, as any that uses the network.
 *
 * Processes. Fork first, then use the library: in a child of a process that has used it, every call fails with
 * DDS_ERR_FORKED, and dds_sync_free() does nothing.
 *
 * Defects. A fault in the library does not end the program: the call fails with DDS_ERR_PANIC, and the handle's later calls
 * with DDS_ERR_POISONED. Only when memory runs out the process ends.
 *
 * Versions. Functions and numbers stay as they are while DDS_ABI_VERSION does; it is also the number of the soname.
 * dds_options can grow, so it begins with its own size. JSON objects can get further keys, and dds_code further numbers.
 *
 * SQLite. The library uses the system's libsqlite3 and has no copy of its own: with two copies in one process each loses the
 * other's file locks, and the database can be destroyed. A program that uses SQLite itself must use the system's as well.
 */


#ifndef DOMAINDESK_SYNC_H
#define DOMAINDESK_SYNC_H

/* Made from ffi/src by `cargo xtask header`: edit it there. */

#include <stddef.h>
#include <stdint.h>

/** dds_options with every default: dds_options options = DDS_OPTIONS_INIT; */
#define DDS_OPTIONS_INIT { sizeof(dds_options), 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0 }

/**
 * The first number of the version of this header; dds_version() tells the library's.
 */
#define DDS_VERSION_MAJOR 0

/**
 * The second number of the version of this header.
 */
#define DDS_VERSION_MINOR 1

/**
 * The third number of the version of this header.
 */
#define DDS_VERSION_PATCH 0

/**
 * The version of the ABI that this header describes; dds_abi_version() tells the library's.
 */
#define DDS_ABI_VERSION 0

/**
 * For dds_options.results: the report keeps every domain's result.
 */
#define DDS_RESULTS_ALL 0

/**
 * For dds_options.results: the report keeps the results of domains that changed, failed or are held.
 */
#define DDS_RESULTS_CHANGED 1

/**
 * For dds_options.results: the report keeps the numbers only.
 */
#define DDS_RESULTS_NONE 2

/**
 * dds_job_poll(): it is at work, and there is nothing to be had.
 */
#define DDS_JOB_RUNNING 0

/**
 * dds_job_poll(): dds_job_next_event() has something.
 */
#define DDS_JOB_EVENT 1

/**
 * dds_job_poll(): it has ended, every event was taken, and dds_job_result() does not block.
 */
#define DDS_JOB_DONE 2

/**
 * dds_connection.database: SQLite 3.35 or newer.
 */
#define DDS_DATABASE_SQLITE 1

/**
 * dds_connection.database: MariaDB 10.6 or newer, or MySQL 8.0 or newer.
 */
#define DDS_DATABASE_MYSQL 2

/**
 * dds_connection.database: PostgreSQL 12 or newer.
 */
#define DDS_DATABASE_POSTGRESQL 3

/**
 * What dds_connection.select and execute return: it was done.
 */
#define DDS_STATEMENT_DONE 0

/**
 * What dds_connection.select and execute return: the database refuses the values of a row (a constraint, a trigger, a
 * type). Others may pass: what was done since the last savepoint is undone.
 */
#define DDS_STATEMENT_REFUSED 1

/**
 * What dds_connection.select and execute return: it failed otherwise.
 */
#define DDS_STATEMENT_FAILED 2

/**
 * Where a function of the program's puts what it answers: dds_answer_set().
 */
typedef struct dds_answer dds_answer;

/**
 * What failed, and what to do about it. No secret is in it. It never changes, so any threads may read it at one time.
 */
typedef struct dds_error dds_error;

/**
 * A sync that is under way by itself.
 *
 * It is started by one of the dds_job_sync_ functions and driven by an event loop: dds_job_fd() becomes readable when there
 * is something to be had, dds_job_next_event() takes progress, dds_job_result() the end. No thread of the library's calls
 * into the program. Free it, with dds_job_free(), before its handle.
 */
typedef struct dds_job dds_job;

/**
 * A handle: one database and its registrars.
 */
typedef struct dds_sync dds_sync;

/**
 * The outcome of a call: DDS_OK, or one of the DDS_ERR_ numbers. Numbers are never changed or used again, and there may be
 * more of them in later versions.
 */
typedef int32_t dds_code;

/**
 * Options of a call. Start from DDS_OPTIONS_INIT or dds_options_init(): both set every member to its default. A wrong
 * value is refused with DDS_ERR_CONFIG, and nothing is done.
 *
 * The struct only ever grows at its end. A program passes the size it was compiled with, and the library reads the
 * members within that size.
 */
typedef struct {
  /**
   * sizeof(dds_options).
   */
  size_t struct_size;
  /**
   * 1: sync domains even when they were synced recently. 0 or 1, nothing else.
   */
  int32_t force;
  /**
   * 1: do everything but write. 0 or 1, nothing else.
   */
  int32_t dry_run;
  /**
   * 1: lift the safety brake, which holds back moves to a worse status when a large part of a batch would make one.
   * 0 or 1, nothing else.
   */
  int32_t allow_mass_change;
  /**
   * Which results the report of a batch keeps: DDS_RESULTS_ALL, DDS_RESULTS_CHANGED or DDS_RESULTS_NONE. Progress
   * tells of every domain all the same.
   */
  int32_t results;
  /**
   * Simultaneous requests per registrar account, at most 1024. 0: as configured.
   */
  uint32_t concurrency;
  /**
   * The most domains that a batch without a list takes. 0: sync_batch_size of the configuration.
   */
  uint32_t limit;
  /**
   * Only this partner's domains. 0: the partner of the configuration, or all.
   */
  int64_t partner_id;
  /**
   * The user that audit rows name. 0: as configured.
   */
  int64_t user_id;
  /**
   * What audit rows name as source: manual, scheduled, queue, or a word of the program's own. NULL: as configured.
   */
  const char *source;
  /**
   * How many seconds a batch may take: then it stops, and its report says how many domains are "left". 0: no limit.
   */
  uint32_t max_seconds;
} dds_options;

/**
 * Told of every domain, or TLD, as it is done: on the thread that made the call, one event at a time.
 *
 * `event_json` is an object: "domain" (with "id", "name", "partner_id", "registrar"), "result" (as of dds_sync_domain()),
 * "done" and "total"; of prices "tld", "changes", "error", "done" and "total". The text is lent for the length of the
 * callback only. `user_data` is what the call was given; the library does not look at it.
 *
 * Returning 0 goes on. Anything else stops the batch, and the callback is not called again. A batch goes no faster than
 * its callback: work waits while it runs.
 *
 * The callback may call any function of the library, on the same handle too, but for dds_sync_free() on that handle. It
 * must come back by returning: not by longjmp(), nor by a C++ exception.
 */
typedef int32_t (*dds_progress_fn)(const char *event_json, void *user_data);

/**
 * A registrar of the program's own: dds_sync_set_registrar(). Set what is not used to 0: dds_registrar r = {0};
 *
 * The functions run on threads of the library's, up to `max_in_flight` of them at a time. They may block, and may call
 * any function of the library but dds_sync_free() of the handle that they serve.
 */
typedef struct {
  /**
   * sizeof(dds_registrar).
   */
  size_t struct_size;
  /**
   * Handed to the functions.
   */
  void *user_data;
  /**
   * Called once with `user_data` when the library lets go of the registrar, on any thread: when another takes its place,
   * and at the latest in dds_sync_free(). May be NULL.
   */
  void (*destroy)(void *user_data);
  /**
   * Tells of one domain, by its name in lower case and A-labels: dds_answer_set() with a JSON object, {"status": "active",
   * "expires_at": "2027-01-31T00:00:00Z", "nameservers": [...], "contacts": {"registrant": {"email": ...}, ...}}, where
   * what is not told stays as it is; or {"success": false, "message": ..., "error_code": "not_found", "retry_after":
   * seconds}. "status" is a word such as "active", "expired", "suspended", or a list of EPP statuses.
   */
  void (*info)(void *user_data, const char *domain, dds_answer *answer);
  /**
   * Tells the prices of one TLD: {"currency": "USD", "register": {"1": "9.99", "2": "19.98"}, "renew": ..., "transfer": ...},
   * totals by years. NULL where the registrar tells no prices.
   */
  void (*prices)(void *user_data, const char *tld, dds_answer *answer);
  /**
   * How many calls may be under way at a time. 0 means 1.
   */
  uint32_t max_in_flight;
} dds_registrar;

/**
 * A value of a statement's parameter.
 */
typedef struct {
  /**
   * The text; NULL for a number and for SQL's NULL.
   */
  const char *text;
  /**
   * The number, where `text` is NULL.
   */
  int64_t number;
  /**
   * 1 for SQL's NULL, otherwise 0.
   */
  int32_t is_null;
} dds_value;

/**
 * A database connection of the program's own: dds_sync_new_over(). Set what is not used to 0: dds_connection c = {0};
 *
 * All functions run on one thread, which the library starts for the connection, one at a time; the program may use the
 * connection itself only while no call of the library's is under way on the handle, or must lock it.
 */
typedef struct {
  /**
   * sizeof(dds_connection).
   */
  size_t struct_size;
  /**
   * Which database it is: DDS_DATABASE_SQLITE, DDS_DATABASE_MYSQL or DDS_DATABASE_POSTGRESQL.
   */
  int32_t database;
  /**
   * Handed to the functions.
   */
  void *user_data;
  /**
   * Called once with `user_data`, on the connection's thread, in dds_sync_free(). May be NULL.
   */
  void (*destroy)(void *user_data);
  /**
   * Runs a SELECT. A ? in it stands for each of the `count` `args`, in order. dds_answer_set() with the rows as JSON, a list
   * of lists of texts, numbers and nulls; or with why not, without a value of a row. Returns a DDS_STATEMENT_ number.
   */
  int32_t (*select)(void *user_data, const char *sql, const dds_value *args, size_t count, dds_answer *answer);
  /**
   * Runs a statement that changes rows, or one of BEGIN, START TRANSACTION, COMMIT, ROLLBACK, SAVEPOINT and the like, which
   * have no parameters and which MySQL does not prepare. *changed, 0 until then, gets the number of rows that it met.
   */
  int32_t (*execute)(void *user_data,
                     const char *sql,
                     const dds_value *args,
                     size_t count,
                     uint64_t *changed,
                     dds_answer *answer);
  /**
   * Whether a transaction of the program's is open: 1 or 0. What a sync writes is then part of it. NULL means that none is.
   */
  int32_t (*in_transaction)(void *user_data);
} dds_connection;

/**
 * It worked.
 */
#define DDS_OK 0

/**
 * The configuration or an argument is wrong; the message names it and says what would be right.
 */
#define DDS_ERR_CONFIG 10

/**
 * The database failed, or is not what it should be.
 */
#define DDS_ERR_STORE 20

/**
 * There is no such domain or registrar in the database, or it belongs to another partner.
 */
#define DDS_ERR_NOT_FOUND 30

/**
 * The registrar refused the credentials or the address.
 */
#define DDS_ERR_AUTH 40

/**
 * The registrar asked for fewer requests; dds_error_retry_after_ms() tells when.
 */
#define DDS_ERR_RATE_LIMITED 50

/**
 * The registrar did not answer in time.
 */
#define DDS_ERR_TIMEOUT 60

/**
 * The connection to the registrar failed, or its server did.
 */
#define DDS_ERR_NETWORK 70

/**
 * The registrar's answer could not be understood.
 */
#define DDS_ERR_INVALID_RESPONSE 80

/**
 * The registrar said no; dds_error_registrar_code() has its own code.
 */
#define DDS_ERR_REJECTED 90

/**
 * The registrar has no such ability.
 */
#define DDS_ERR_UNSUPPORTED 100

/**
 * dds_cancel() stopped the call.
 */
#define DDS_ERR_CANCELLED 110

/**
 * A defect of the library. Please report it.
 */
#define DDS_ERR_INTERNAL 120

/**
 * A pointer that must not be NULL is NULL; the message names the argument.
 */
#define DDS_ERR_NULL_POINTER 200

/**
 * A text is not valid UTF-8; the message names the argument.
 */
#define DDS_ERR_INVALID_UTF8 210

/**
 * A defect of the library that was caught at its border. The handle can only be freed. Please report it.
 */
#define DDS_ERR_PANIC 220

/**
 * An earlier call on this handle ended with DDS_ERR_PANIC: free it and make another.
 */
#define DDS_ERR_POISONED 230

/**
 * This process is a fork of one that had used the library before.
 */
#define DDS_ERR_FORKED 240

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library, such as "0.1.0". The text is static: it is never freed.
 */
const char *dds_version(void);

/**
 * The version of the library's ABI. It is the number in the soname, and changes when a compiled program could no longer
 * use the library: compare it with DDS_ABI_VERSION where the library is loaded by dlopen().
 */
uint32_t dds_abi_version(void);

/**
 * The name of a number, such as "DDS_ERR_STORE"; "unknown" for a number that is none. The text is static: it is never
 * freed. Any thread may call it.
 */
const char *dds_code_name(int32_t code);

/**
 * The number of an error, the same that the call returned. DDS_OK for NULL.
 */
dds_code dds_error_code(const dds_error *error);

/**
 * What failed and what to do about it, in one sentence. An empty text for NULL, never NULL.
 *
 * The text belongs to the error and stays until dds_error_free().
 */
const char *dds_error_message(const dds_error *error);

/**
 * The kind of failure, as the word that results and logs use for it: auth, rate_limited, not_found, timeout, network,
 * invalid_response, rejected, unsupported, store, config, cancelled or internal. An empty text for NULL, never NULL.
 *
 * The text belongs to the error and stays until dds_error_free().
 */
const char *dds_error_kind(const dds_error *error);

/**
 * The slug of the registrar that it concerns; NULL where it concerns none, and for NULL.
 *
 * The text belongs to the error and stays until dds_error_free().
 */
const char *dds_error_registrar(const dds_error *error);

/**
 * The registrar's own code for it; NULL where it gave none, and for NULL.
 *
 * The text belongs to the error and stays until dds_error_free().
 */
const char *dds_error_registrar_code(const dds_error *error);

/**
 * How many milliseconds the registrar asked to be left alone; 0 where it did not, and for NULL.
 */
uint64_t dds_error_retry_after_ms(const dds_error *error);

/**
 * Frees an error and its texts, once. NULL does nothing. Any thread may call it.
 */
void dds_error_free(dds_error *error);

/**
 * Sets options to their defaults, as DDS_OPTIONS_INIT does; for languages without the C preprocessor.
 *
 * `size` is sizeof(dds_options), and `options` has room for as much. NULL, and a size that no version of the struct has,
 * do nothing. Any thread may call it.
 */
void dds_options_init(dds_options *options,
                      size_t size);

/**
 * Frees a text that a function of this library handed out, once. NULL does nothing.
 *
 * Any thread may call it.
 */
void dds_string_free(char *text);

/**
 * Makes a handle: reads the configuration, connects to the database and checks that it is DomainDesk's. Nothing is sent
 * to a registrar.
 *
 * `config_json` is the application's configuration as a JSON object. "database" must be there: Laravel's connection array
 * or a URL such as "sqlite:/srv/app.sqlite". The others may be: "domain" and "registrar" (the application's config files),
 * "app_key" (opens encrypted credentials), "timezone", "partner_id", "source", "user_id". Numbers may be texts. Unknown
 * keys are ignored.
 *
 * On success *out receives a handle that the caller frees with dds_sync_free(); on failure NULL. `error` may be NULL.
 * Any thread may call it. It blocks until the database has answered.
 *
 * DDS_ERR_CONFIG names the wrong key. DDS_ERR_STORE says what is wrong with the database. DDS_ERR_FORKED: the process is
 * a fork of one that had used the library. DDS_ERR_INTERNAL: the system gives no threads.
 */
dds_code dds_sync_new(const char *config_json,
                      dds_sync **out,
                      dds_error **error);

/**
 * Makes a handle as dds_sync_new() does, with the configuration that the environment variables of a Laravel application
 * tell: DB_CONNECTION, DB_DATABASE, DB_URL, APP_KEY, APP_TIMEZONE, DOMAIN_SYNC_..., REGISTRAR_... (all of them are in the
 * table of README.md).
 *
 * What `overrides_json` says, a JSON object as for dds_sync_new(), comes before the environment; it may be NULL. The
 * environment is read before the call returns and not after; no thread may change it meanwhile.
 *
 * On success *out receives a handle that the caller frees with dds_sync_free(); on failure NULL. `error` may be NULL.
 * Any thread may call it. It blocks until the database has answered.
 *
 * DDS_ERR_CONFIG names the wrong variable or key. The others are those of dds_sync_new().
 */
dds_code dds_sync_new_from_env(const char *overrides_json,
                               dds_sync **out,
                               dds_error **error);

/**
 * Frees a handle, once: closes its connections, and with the last handle ends the library's threads. NULL does nothing.
 *
 * No call may be under way on the handle, so it must not be freed in a progress callback of its own, and no thread may
 * use it afterwards. It waits some seconds at most. In a forked child it does nothing.
 */
void dds_sync_free(dds_sync *sync);

/**
 * Stops every call that is under way on the handle; later calls are not affected. NULL does nothing.
 *
 * It returns at once. What is being written is finished and nothing else is started: batches then succeed with
 * "cancelled": true and what was done, other calls fail with DDS_ERR_CANCELLED.
 *
 * Any thread may call it, a progress callback and a signal handler too: it only counts up a number.
 */
void dds_cancel(dds_sync *sync);

/**
 * Syncs one domain: status, expiry, nameservers and contacts.
 *
 * `domain` is its name, or `#` and its id: "example.com", "#42". `options` and `error` may be NULL. On success
 * *result_json receives an object that the caller frees with dds_string_free(); on failure NULL. The object has "domain",
 * "success", "duration_ms", "attempts" and "warnings" always, and "changes" and "info", or "skipped" and "reason", or
 * "error" and "error_code". What the registrar refuses is told there, with "success": false, and the call returns DDS_OK.
 *
 * Any thread may call it, several at one time on one handle. It blocks until the domain is done, at most the configured
 * "sync_timeout".
 *
 * DDS_ERR_NOT_FOUND: there is no such domain in the database. DDS_ERR_CONFIG: an argument is wrong, or the domain's
 * registrar cannot be used. DDS_ERR_STORE: the database failed, and nothing of the domain was written.
 * DDS_ERR_CANCELLED: dds_cancel() was called.
 */
dds_code dds_sync_domain(dds_sync *sync,
                         const char *domain,
                         const dds_options *options,
                         char **result_json,
                         dds_error **error);

/**
 * Syncs the status of one domain and nothing else, whenever it was last synced. Arguments, result and codes are those of
 * dds_sync_domain().
 */
dds_code dds_sync_domain_status(dds_sync *sync,
                                const char *domain,
                                const dds_options *options,
                                char **result_json,
                                dds_error **error);

/**
 * Lists the ids of at most `limit` domains that need a sync, the most urgent first.
 *
 * Of `options`, which may be NULL, only "partner_id" counts. `error` may be NULL. On success *result_json receives a list
 * of numbers that the caller frees with dds_string_free(); on failure NULL. Any thread may call it, several at one time on
 * one handle. It blocks until the database has answered.
 *
 * DDS_ERR_CONFIG: an argument is wrong. DDS_ERR_STORE: the database failed.
 */
dds_code dds_domains_needing_sync(dds_sync *sync,
                                  uint32_t limit,
                                  const dds_options *options,
                                  char **result_json,
                                  dds_error **error);

/**
 * Lists at most `limit` domains that ask a person to look, by id: objects with "domain", "id", "partner_id", "reason",
 * "since", "error_code" and "attempts". dds_clear_review() takes that back.
 *
 * Of `options`, which may be NULL, only "partner_id" counts. `error` may be NULL. On success *result_json receives a list
 * that the caller frees with dds_string_free(); on failure NULL. Any thread may call it, several at one time on one
 * handle. It blocks until the database has answered.
 *
 * DDS_ERR_CONFIG: an argument is wrong. DDS_ERR_STORE: the database failed.
 */
dds_code dds_domains_needing_review(dds_sync *sync,
                                    uint32_t limit,
                                    const dds_options *options,
                                    char **result_json,
                                    dds_error **error);

/**
 * Lists the ids of the active domains with a registrar that expire within `days` days from now, soonest first.
 *
 * `days` is at most 36500. Of `options`, which may be NULL, only "partner_id" counts. `error` may be NULL. On success
 * *result_json receives a list of numbers that the caller frees with dds_string_free(); on failure NULL. Any thread may
 * call it, several at one time on one handle. It blocks until the database has answered.
 *
 * DDS_ERR_CONFIG: an argument is wrong. DDS_ERR_STORE: the database failed.
 */
dds_code dds_expiring_domains(dds_sync *sync,
                              uint32_t days,
                              const dds_options *options,
                              char **result_json,
                              dds_error **error);

/**
 * Tells numbers about the domains of the database, or of the handle's partner.
 *
 * `error` may be NULL. On success *result_json receives an object that the caller frees with dds_string_free(); on failure
 * NULL. The object has "total", "with_registrar", "never_synced", "recently_synced", "needs_sync", "expiring_soon",
 * "failed", "needs_review", "by_status", "last_synced_at", and "budget": for each registrar whether its rate limit leaves
 * enough requests for the configured freshness. Any thread may call it, several at one time on one handle. It blocks until
 * the database has answered.
 *
 * DDS_ERR_STORE: the database failed.
 */
dds_code dds_stats(dds_sync *sync,
                   char **result_json,
                   dds_error **error);

/**
 * Says when a domain is due and why, without a call to its registrar.
 *
 * `domain` is its name, or `#` and its id. Of `options`, which may be NULL, only "partner_id" counts. `error` may be NULL.
 * On success *result_json receives an object that the caller frees with dds_string_free(); on failure NULL. The object has
 * "domain", "id", "partner_id", "status", "expires_at", "registrar" ("id", "slug", "known", "active"), "due", "due_at",
 * "reason", "class", "interval_seconds", "last_synced_at", "last_outcome", "skipped", "failure", "held", "needs_review",
 * "review_reason", "review_since", "leased_until" and "evidence". Any thread may call it, several at one time on one
 * handle. It blocks until the database has answered.
 *
 * DDS_ERR_NOT_FOUND: there is no such domain in the database. DDS_ERR_CONFIG: an argument is wrong. DDS_ERR_STORE: the
 * database failed.
 */
dds_code dds_explain(dds_sync *sync,
                     const char *domain,
                     const dds_options *options,
                     char **result_json,
                     dds_error **error);

/**
 * Takes back that a person should look at a domain, and lets it be tried again at once.
 *
 * `domain` is its name, or `#` and its id. `cleared` may be NULL; otherwise *cleared receives 1 where there was something
 * to take back, 0 where there was not, and 0 on failure. `error` may be NULL. Any thread may call it, several at one time
 * on one handle. It blocks until the database has answered.
 *
 * DDS_ERR_NOT_FOUND: there is no such domain in the database. DDS_ERR_CONFIG: an argument is wrong. DDS_ERR_STORE: the
 * database failed.
 */
dds_code dds_clear_review(dds_sync *sync,
                          const char *domain,
                          int32_t *cleared,
                          dds_error **error);

/**
 * Syncs many domains.
 *
 * `domains` points at `count` texts, each a name, or `#` and an id. NULL with a count of 0 means the domains that need a
 * sync, the most urgent first, at most options->limit; a list that is not NULL and has a count of 0 is an empty batch.
 * `options`, `progress` and `error` may be NULL; `user_data` is handed to `progress`. On success *result_json receives an
 * object that the caller frees with dds_string_free(); on failure NULL. The object has "stats" ("total", "synced",
 * "failed", "skipped", "held", "changes", "api_calls", "duration_ms"), "results" by domain name (each as of
 * dds_sync_domain()), "cancelled", "dry_run" and "plan". That of a dry run has "kept_plan" too, which dds_apply_plan()
 * takes.
 *
 * A domain that fails, one that is not in the database too, is told in the object, and the call returns DDS_OK. So it does
 * for a batch that was stopped, by its callback or by dds_cancel(), with "cancelled": true and what was done until then.
 *
 * Any thread may call it, several at one time on one handle. It blocks until the batch is done or stopped.
 *
 * DDS_ERR_CONFIG: an argument is wrong, or a text in the list is no name; the message tells its place, as in `domains[3]`.
 * DDS_ERR_STORE: the database failed; what was written until then stays.
 */
dds_code dds_sync_domains(dds_sync *sync,
                          const char *const *domains,
                          size_t count,
                          const dds_options *options,
                          dds_progress_fn progress,
                          void *user_data,
                          char **result_json,
                          dds_error **error);

/**
 * Syncs the status of many domains and nothing else, whenever they were last synced. Where the registrar has a list, some
 * hundred domains cost one request. Arguments, result and codes are those of dds_sync_domains().
 */
dds_code dds_sync_domain_statuses(dds_sync *sync,
                                  const char *const *domains,
                                  size_t count,
                                  const dds_options *options,
                                  dds_progress_fn progress,
                                  void *user_data,
                                  char **result_json,
                                  dds_error **error);

/**
 * Writes what a dry run kept. No registrar is asked.
 *
 * `plan_json` is the object that dds_sync_domains() or dds_sync_domain_statuses() gave for a dry run, or its "kept_plan"
 * alone; domains may have been taken out of its "domains". `options`, `progress` and `error` may be NULL; `user_data` is
 * handed to `progress`. On success *result_json receives an object as of dds_sync_domains() that the caller frees with
 * dds_string_free(); on failure NULL.
 *
 * A domain that is not any more what the plan was made from is skipped, with "reason" `Changed since the plan was made`;
 * one that another process is syncing is skipped too. What the safety brake held is held still, whatever the options say.
 * A plan holds no secret, but contacts, which are personal data.
 *
 * Any thread may call it, several at one time on one handle. It blocks until the plan is applied or stopped.
 *
 * DDS_ERR_CONFIG: an argument is wrong, or the text is no plan; nothing was written. DDS_ERR_STORE: the database failed;
 * what was written until then stays.
 */
dds_code dds_apply_plan(dds_sync *sync,
                        const char *plan_json,
                        const dds_options *options,
                        dds_progress_fn progress,
                        void *user_data,
                        char **result_json,
                        dds_error **error);

/**
 * Shows what a dry run kept: a table of the changes in plain text, a line with the numbers at its end.
 *
 * `plan_json` is as for dds_apply_plan(). `error` may be NULL. On success *table receives a text that the caller frees
 * with dds_string_free(); on failure NULL. Any thread may call it; no handle and no database is needed. A program that
 * shows it may end with the plan's "exit_code": 0 when there was nothing to do, 2 when there are changes, 1 when a domain
 * failed or the dry run stopped before its end.
 *
 * DDS_ERR_CONFIG: an argument is wrong, or the text is no plan.
 */
dds_code dds_describe_plan(const char *plan_json,
                           char **table,
                           dds_error **error);

/**
 * Syncs the prices of a registrar's active TLDs. Without options->force, prices that were synced within the interval are
 * skipped.
 *
 * `registrar` is its slug, or `#` and its id. `options`, `progress` and `error` may be NULL; `progress` is told of every
 * TLD, with `user_data`. On success *result_json receives an object that the caller frees with dds_string_free(); on
 * failure NULL. The object has "registrar", "success", "stats", "changes", "alerts", "held", "errors", "warnings",
 * "cancelled" and "dry_run", and where they apply "skipped", "reason", "error", "error_code" and "currency". What the
 * registrar refuses is told there, and the call returns DDS_OK. Prices are written at the end: a price sync that its
 * callback stops has written none.
 *
 * Any thread may call it, several at one time on one handle. It blocks until the prices are done or stopped.
 *
 * DDS_ERR_NOT_FOUND: there is no such registrar in the database. DDS_ERR_CONFIG: an argument is wrong, or the registrar
 * cannot be used. DDS_ERR_STORE: the database failed. DDS_ERR_CANCELLED: dds_cancel() was called.
 */
dds_code dds_sync_tld_prices(dds_sync *sync,
                             const char *registrar,
                             const dds_options *options,
                             dds_progress_fn progress,
                             void *user_data,
                             char **result_json,
                             dds_error **error);

/**
 * Starts what dds_sync_domains() does, and returns at once. `domains`, `count` and `options` are as there, and are read
 * before it returns. `events` is 1 when the program will take progress with dds_job_next_event(), and 0 when it will not:
 * the work waits while 256 events wait for it.
 *
 * On success *out receives a job that the caller frees with dds_job_free(), before `sync`; on failure NULL. `options` and
 * `error` may be NULL. Any thread may call it.
 *
 * DDS_ERR_CONFIG: an argument is wrong. DDS_ERR_INTERNAL: the system gives no descriptor.
 */
dds_code dds_job_sync_domains(dds_sync *sync,
                              const char *const *domains,
                              size_t count,
                              const dds_options *options,
                              int32_t events,
                              dds_job **out,
                              dds_error **error);

/**
 * Starts what dds_sync_domain_statuses() does; otherwise as dds_job_sync_domains().
 */
dds_code dds_job_sync_domain_statuses(dds_sync *sync,
                                      const char *const *domains,
                                      size_t count,
                                      const dds_options *options,
                                      int32_t events,
                                      dds_job **out,
                                      dds_error **error);

/**
 * Starts what dds_sync_domain() does, or dds_sync_domain_status() where `status_only` is 1. It has no events; otherwise as
 * dds_job_sync_domains().
 */
dds_code dds_job_sync_domain(dds_sync *sync,
                             const char *domain,
                             int32_t status_only,
                             const dds_options *options,
                             dds_job **out,
                             dds_error **error);

/**
 * Starts what dds_sync_tld_prices() does; otherwise as dds_job_sync_domains().
 */
dds_code dds_job_sync_tld_prices(dds_sync *sync,
                                 const char *registrar,
                                 const dds_options *options,
                                 int32_t events,
                                 dds_job **out,
                                 dds_error **error);

/**
 * Tells what is to be had, waiting for `timeout_ms` at most: 0 does not wait, less than 0 waits without end. *state receives
 * DDS_JOB_RUNNING, DDS_JOB_EVENT or DDS_JOB_DONE; on failure 0.
 *
 * `error` may be NULL. Any thread may call it, several at a time.
 */
dds_code dds_job_poll(dds_job *job,
                      int32_t timeout_ms,
                      int32_t *state,
                      dds_error **error);

/**
 * A descriptor for poll(), select() or epoll: readable while there is an event, and from the job's end on. -1 where there
 * is none: for NULL, and in a forked child.
 *
 * It belongs to the job: never read from it, and close it never. dds_job_free() does. Any thread may call it.
 */
int32_t dds_job_fd(dds_job *job);

/**
 * Takes the next event, without waiting. On success *event_json receives an object, as a dds_progress_fn is told, that the
 * caller frees with dds_string_free(), or NULL where there is none just now; on failure NULL.
 *
 * `error` may be NULL. Any thread may call it; each event is taken once.
 */
dds_code dds_job_next_event(dds_job *job,
                            char **event_json,
                            dds_error **error);

/**
 * Stops this job and no other work: as dds_cancel(), which stops the jobs of a handle too. NULL does nothing.
 *
 * Any thread may call it, a signal handler too: it only counts up a number.
 */
void dds_job_cancel(dds_job *job);

/**
 * Takes the end of a job, once: what the blocking function would have given. It waits for the end where that has not come;
 * events that were not taken until then are dropped.
 *
 * On success *result_json receives an object that the caller frees with dds_string_free(); on failure NULL. `error` may be
 * NULL. Any thread may call it.
 *
 * The codes are those of the blocking function; DDS_ERR_CONFIG where the result was taken before.
 */
dds_code dds_job_result(dds_job *job,
                        char **result_json,
                        dds_error **error);

/**
 * Frees a job, once. One that is under way is stopped and waited for: what is being written is finished. NULL does nothing.
 *
 * No thread may use the job afterwards. In a forked child it does nothing.
 */
void dds_job_free(dds_job *job);

/**
 * Answers with a text, which is copied. The last text counts; NULL takes it back.
 *
 * `answer` is the argument of a function of a dds_registrar or dds_connection, good until that function returns. Only the
 * thread that the function runs on may call it.
 */
void dds_answer_set(dds_answer *answer,
                    const char *answer_text);

/**
 * Uses a registrar of the program's own for a slug (registrars.slug) from now on, before a native one.
 *
 * `registrar` is copied, so it need not outlive the call; `info` in it must not be NULL. `error` may be NULL. Any thread may
 * call it; calls that are under way go on with what they began with. Where it fails `destroy` is not called.
 *
 * DDS_ERR_CONFIG: `struct_size` is wrong, or the slug is empty. DDS_ERR_NULL_POINTER: `info` is NULL too.
 */
dds_code dds_sync_set_registrar(dds_sync *sync,
                                const char *slug,
                                const dds_registrar *registrar,
                                dds_error **error);

/**
 * Makes a handle as dds_sync_new() does, that reads and writes over a database connection of the program's own: inside its
 * transaction, where one is open, and in an in-memory SQLite database.
 *
 * `config_json` is as for dds_sync_new(); of "database" only "prefix" is read, and it need not be there. `connection` is
 * copied, so it need not outlive the call; `select` and `execute` in it must not be NULL. On success *out receives a handle
 * that the caller frees with dds_sync_free(); on failure NULL, and `destroy` is not called. `error` may be NULL. Any thread may call it. It blocks until the database has answered.
 *
 * DDS_ERR_CONFIG names the wrong key or member. DDS_ERR_STORE says what is wrong with the database. The others are those of
 * dds_sync_new().
 */
dds_code dds_sync_new_over(const char *config_json,
                           const dds_connection *connection,
                           dds_sync **out,
                           dds_error **error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* DOMAINDESK_SYNC_H */
