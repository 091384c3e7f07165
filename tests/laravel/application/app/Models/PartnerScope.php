<?php

declare(strict_types=1);

namespace App\Models;

use Illuminate\Database\Eloquent\Builder;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Scope;

/** Shows the rows of the current partner only, where there is one. */
final class PartnerScope implements Scope
{
    public static ?int $partner = null;

    public function apply(Builder $builder, Model $model): void
    {
        if (self::$partner !== null) {
            $builder->where($model->qualifyColumn('partner_id'), self::$partner);
        }
    }
}
