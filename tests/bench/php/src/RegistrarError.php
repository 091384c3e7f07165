<?php

declare(strict_types=1);

namespace DomainDesk\Bench;

/** The registrar's answer, or the lack of one, in a message without the request's URL, which carries the key. */
final class RegistrarError extends \RuntimeException
{
    /** @param string $kind one of the words of S6.1 */
    public function __construct(public readonly string $kind, string $message)
    {
        parent::__construct($message);
    }
}
