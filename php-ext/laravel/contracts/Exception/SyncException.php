<?php

/** Loaded only where the extension, which declares the same, is not: for tests with RegistrarSync::fake(). */

declare(strict_types=1);

namespace DomainDesk\Sync\Exception;

use RuntimeException;

/**
 * What all exceptions of the extension are, and itself a defect of the library.
 *
 * What a registrar answers about a domain is no exception but a result.
 */
class SyncException extends RuntimeException
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
    public function getKind(): string
    {
        return $this->kind;
    }

    /** The slug of the registrar that it concerns. */
    public function getRegistrar(): ?string
    {
        return $this->registrar;
    }

    /** For how many seconds the registrar asked to be left alone. */
    public function getRetryAfter(): ?int
    {
        return $this->retryAfter;
    }
}
