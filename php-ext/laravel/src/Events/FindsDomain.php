<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Events;

use DomainDesk\Sync\Laravel\Models;
use Illuminate\Container\Container;
use Illuminate\Database\Eloquent\Model;

/** From an event to the application's model. Events carry the id, so that queued listeners see the domain as it is then. */
trait FindsDomain
{
    /** The domain as it is in the database; null when it is gone, or hidden by the application's own scopes. */
    public function model(): ?Model
    {
        return Container::getInstance()->make(Models::class)->domain()->newQuery()->find($this->domainId);
    }
}
