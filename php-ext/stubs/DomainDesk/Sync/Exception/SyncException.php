<?php

/** Signatures for editors and analysers; the code is in the extension domaindesk_sync. */

namespace DomainDesk\Sync\Exception;

/**
 * What all exceptions of the extension are, and itself a defect of the library.
 *
 * What a registrar answers about a domain is no exception but a result.
 */
class SyncException extends \RuntimeException
{
    /** @var string as getKind() gives it */
    public $kind = 'internal';

    /** @var string|null as getRegistrar() gives it */
    public $registrar = null;

    /** @var int|null as getRetryAfter() gives it */
    public $retryAfter = null;

    /**
     * What kind of failure it is, and so what can be done about it.
     *
     * @return 'auth'|'rate_limited'|'not_found'|'timeout'|'network'|'invalid_response'|'rejected'|'unsupported'|'store'|'config'|'cancelled'|'internal'
     */
    public function getKind(): string {}

    /** The slug of the registrar that it concerns. */
    public function getRegistrar(): ?string {}

    /** For how many seconds the registrar asked to be left alone. */
    public function getRetryAfter(): ?int {}
}
