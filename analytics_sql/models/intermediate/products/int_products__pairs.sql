{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ forget_pairs_of_gone_signatures() }}",
        post_hook='{{ keep_fingerprint() }}',
    )
}}

with

signatures as (

    select * from {{ ref('int_products__signatures') }}

),

blocks as (

    select * from {{ ref('int_products__blocks') }}

),

hosts as (

    select * from blocks
    where not is_guest

),

-- Which pairs are compared follows from the two alone, never from what else there is: so a pair is judged once.
fresh as (

    select signature from signatures
    {% if is_incremental() %}
        except
        select one_signature as signature from {{ this }}
        where other_signature is null
    {% endif %}

),

candidates as (

    select
        least(fresh_blocks.signature, blocks.signature) as one_signature,
        greatest(fresh_blocks.signature, blocks.signature) as other_signature
    from fresh
    inner join blocks as fresh_blocks on fresh.signature = fresh_blocks.signature
    inner join blocks on fresh_blocks.block_key = blocks.block_key and fresh_blocks.signature <> blocks.signature
    where not fresh_blocks.is_guest

    union

    select
        least(fresh_blocks.signature, hosts.signature) as one_signature,
        greatest(fresh_blocks.signature, hosts.signature) as other_signature
    from fresh
    inner join blocks as fresh_blocks on fresh.signature = fresh_blocks.signature
    inner join hosts on fresh_blocks.block_key = hosts.block_key
    where fresh_blocks.is_guest

),

compared as (

    select
        candidates.*,
        one.kind,
        {{ sameness("maker") }} as same_maker,
        {{ sameness("storage_gb") }} as same_storage,
        {{ sameness("ram_gb") }} as same_ram,
        {{ sameness("inches") }} as same_inches,
        {{ sameness("processor") }} as same_processor,
        {{ sameness("processor_generation") }} as same_generation,
        {{ sameness("graphics") }} as same_graphics,
        {{ sameness("year") }} as same_year,
        case
            -- Who says nothing has the network of his time; 4G is it.
            when coalesce(one.network, '4g') = coalesce(other.network, '4g') then 2
            when one.network is null or other.network is null then 1
            else 0
        end as same_network,
        case
            when coalesce(one.condition, 'new') = coalesce(other.condition, 'new') then 2
            when one.condition is null or other.condition is null then 1
            else 0
        end as same_condition,
        {{ sameness("contents") }} as same_contents,
        {{ sameness("ratings") }} as same_ratings,
        case
            when least({{ sameness("millilitres") }}, {{ sameness("grams") }}, {{ sameness("packs") }}) = 2 then 2
            else 0
        end as same_quantity,
        one.varieties = other.varieties as same_varieties,
        case
            when one.models = other.models then 2
            when len(one.models) = 0 or len(other.models) = 0 then 1
            when list_has_all(one.models, other.models) or list_has_all(other.models, one.models) then 1
            else 0
        end as same_models,
        list_filter(one.names, lambda word: not list_contains(other.names, word)) as only_one,  -- noqa: RF02
        list_filter(other.names, lambda word: not list_contains(one.names, word)) as only_other,  -- noqa: RF02
        list_intersect(one.names, other.names) as shared,
        one.models,
        len(one.names) as one_length,
        len(other.names) as other_length,
        greatest(len(one.names) + len(one.varieties), len(other.names) + len(other.varieties)) as word_count
    from candidates
    inner join signatures as one on candidates.one_signature = one.signature
    inner join signatures as other on candidates.other_signature = other.signature

),

-- Words of the one that the other only spells in another way do not tell them apart.
spelled as (

    select
        *,
        list_filter(
            only_one,
            lambda word: len(
                list_filter(only_other, lambda twin: length(word) > 4 and jaro_winkler_similarity(word, twin) >= 0.93)
            ) = 0
        ) as extra_one,
        list_filter(
            only_other,
            lambda word: len(
                list_filter(only_one, lambda twin: length(word) > 4 and jaro_winkler_similarity(word, twin) >= 0.93)
            ) = 0
        ) as extra_other,
        least(
            same_maker, same_storage, same_ram, same_inches, same_processor, same_generation, same_graphics, same_year,
            same_network, same_condition, same_contents, same_ratings, same_quantity
        ) as same_attributes
    from compared

),

judged as (

    select
        *,
        case
            when same_attributes = 0 or not same_varieties then 0
            when kind <> 'other'
                then case
                    when
                        one_length = 0
                        or other_length = 0
                        or (len(shared) > 0 and (len(models) > 0 or len(extra_one) = 0 or len(extra_other) = 0))
                        then same_attributes
                    else 0
                end
            when len(extra_one) > 0 and len(extra_other) > 0 then 0
            when same_models = 0 then 0
            -- A word more may be a brand or an ornament, among many that agree.
            when
                len(extra_one) + len(extra_other)
                > {{ var('product_extra_words') }} * word_count then 0
            when len(extra_one) + len(extra_other) > 0 then 1
            else least(same_attributes, same_models)
        end as agreement
    from spelled

),

final as (

    select
        one_signature,
        other_signature,
        agreement
    from judged
    where agreement > 0

    union all

    -- Who was compared with all others, whether or not anything came of it.
    select
        signature as one_signature,
        cast(null as varchar) as other_signature,
        0 as agreement
    from fresh

)

select * from final
