<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel;

use Illuminate\Contracts\Config\Repository;
use Illuminate\Database\Eloquent\Model;
use InvalidArgumentException;

/** The application's models: those that `registrar-sync.models` names, by default those of `App\Models`. */
final class Models
{
    public function __construct(private readonly Repository $config)
    {
    }

    /** @throws InvalidArgumentException when the configured class is no model */
    public function domain(): Model
    {
        return $this->make('domain', 'domains');
    }

    /** @throws InvalidArgumentException when the configured class is no model */
    public function registrar(): Model
    {
        return $this->make('registrar', 'registrars');
    }

    /** @throws InvalidArgumentException when the configured class is no model */
    public function tld(): Model
    {
        return $this->make('tld', 'tlds');
    }

    /**
     * The models of these ids in their order. The application's own scopes hold: what they hide is left out.
     *
     * @param list<int> $ids
     * @return \Illuminate\Database\Eloquent\Collection<int, Model>
     */
    public function domains(array $ids): \Illuminate\Database\Eloquent\Collection
    {
        $model = $this->domain();
        $found = $model->newCollection();
        // Databases limit how many values a statement may have.
        foreach (array_chunk($ids, 500) as $some) {
            $found = $found->concat($model->newQuery()->findMany($some));
        }
        $place = array_flip($ids);

        return $model->newCollection($found->sortBy(static fn (Model $one): int => $place[$one->getKey()])->values()->all());
    }

    /**
     * A domain by its id or name, whatever the application's own scopes hide; null when there is none.
     */
    public function find(int|string $domain): ?Model
    {
        $query = $this->domain()->newQueryWithoutScopes();

        return is_int($domain) ? $query->find($domain) : $query->where('name', $domain)->first();
    }

    private function make(string $which, string $table): Model
    {
        $class = (string) $this->config->get("registrar-sync.models.$which");
        if (!class_exists($class)) {
            $plain = new class extends Model {
                protected $guarded = [];
            };

            return $plain->setTable($table)->setConnection($this->config->get('registrar-sync.connection'));
        }
        if (!is_subclass_of($class, Model::class)) {
            throw new InvalidArgumentException("registrar-sync.models.$which: $class is no Eloquent model");
        }

        return new $class();
    }
}
