<?php

declare(strict_types=1);

namespace DomainDesk\Bench\Eloquent;

use Illuminate\Database\Eloquent\Model;

final class Contact extends Model
{
    protected $table = 'domain_contacts';

    protected $guarded = [];
}
