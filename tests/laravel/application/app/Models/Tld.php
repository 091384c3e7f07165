<?php

declare(strict_types=1);

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

final class Tld extends Model
{
    protected $guarded = [];

    protected $casts = ['min_years' => 'integer', 'max_years' => 'integer', 'is_active' => 'boolean'];
}
