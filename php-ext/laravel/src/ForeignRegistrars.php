<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel;

use DomainDesk\Sync\RegistrarSync;
use Illuminate\Contracts\Config\Repository;
use Illuminate\Contracts\Container\Container;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Database\Eloquent\Model;
use Throwable;

/** The registrars that the application has classes for and the extension has not: made by the application's own factory. */
final class ForeignRegistrars
{
    public function __construct(
        private readonly Container $container,
        private readonly Repository $config,
        private readonly Models $models,
        private readonly ExceptionHandler $exceptions,
    ) {
    }

    /**
     * Gives them to an engine. One that cannot be made is reported to the exception handler; the engine then says of its
     * domains that it has no such registrar.
     */
    public function giveTo(RegistrarSync $sync): void
    {
        $factory = $this->config->get('registrar-sync.factory');
        if (!is_string($factory) || !class_exists($factory)) {
            return;
        }
        $factory = $this->container->make($factory);
        foreach ($this->models->registrar()->newQuery()->where('is_active', true)->get() as $registrar) {
            if ($this->isNative($registrar)) {
                continue;
            }
            $object = $this->make($factory, $registrar);
            if ($object !== null) {
                $sync->setRegistrar($registrar->getAttribute('slug'), $object);
            }
        }
    }

    /** By the configured driver, else by the class (`EnomRegistrar` is for `enom`), else by the slug: as the extension does. */
    private function isNative(Model $registrar): bool
    {
        $slug = $registrar->getAttribute('slug');
        if ($this->config->get('registrar.registrars')[$slug]['driver'] ?? null) {
            return true;
        }
        $class = class_basename((string) $registrar->getAttribute('api_class'));
        $name = match (true) {
            $class === '' => $slug,
            str_ends_with($class, 'Registrar') => strtolower(substr($class, 0, -strlen('Registrar'))),
            default => '',
        };

        return array_key_exists($name, RegistrarSync::registrars());
    }

    private function make(object $factory, Model $registrar): ?object
    {
        try {
            return $factory->make($registrar);
        } catch (Throwable $problem) {
            $this->exceptions->report($problem);

            return null;
        }
    }
}
