<?php

declare(strict_types=1);

namespace App\Services\Registrar;

use App\Models\Registrar;
use InvalidArgumentException;

/** Makes the classes for registrars that `registrars.api_class` names. */
final class RegistrarFactory
{
    public function make(Registrar $registrar): object
    {
        $class = (string) $registrar->getAttribute('api_class');
        if (!class_exists($class)) {
            throw new InvalidArgumentException("no class for the registrar {$registrar->getAttribute('slug')}");
        }

        return new $class($registrar->getAttribute('credentials') ?? []);
    }
}
