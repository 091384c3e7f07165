<?php

declare(strict_types=1);

namespace DomainDesk\Bench\Eloquent;

use Illuminate\Database\Eloquent\Model;

final class Nameserver extends Model
{
    protected $table = 'domain_nameservers';

    protected $guarded = [];

    protected $casts = ['order' => 'integer'];
}
