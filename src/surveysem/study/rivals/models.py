"""Rivals of a study's model: what they leave out, add or hold equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from surveysem.specification import StructuralPath
from surveysem.study.document import IndirectEffectEntry, PathEntry, RivalModelEntry, StudyDocument


@dataclass(frozen=True, kw_only=True)
class RivalModel:
    """A model of the same measures that competes with the study's.

    Parameters
    ----------
    id, title : str
        Name, and what it claims.
    dropped_paths, dropped_moderation : tuple of str
        Labels of paths and interactions that it fixes to 0, those that full mediation implies included.
    added_paths : tuple of StructuralPath
        Effects the study's model does not have.
    equal : tuple of tuple of str
        Sets of labels whose effects it holds equal.
    """

    id: str
    title: str
    dropped_paths: tuple[str, ...] = ()
    dropped_moderation: tuple[str, ...] = ()
    added_paths: tuple[StructuralPath, ...] = ()
    equal: tuple[tuple[str, ...], ...] = ()

    def changes(self, labels: Mapping[str, str]) -> str:
        """What differs from the study's model, in words.

        Parameters
        ----------
        labels : Mapping of str to str
            Readers' names of the latent variables.
        """
        parts = []
        dropped = (*self.dropped_paths, *self.dropped_moderation)
        if dropped:
            parts.append(f"without {', '.join(dropped)}")
        if self.added_paths:
            added = [
                f"{labels.get(p.predictor, p.predictor)} → {labels.get(p.outcome, p.outcome)}" for p in self.added_paths
            ]
            parts.append(f"with {', '.join(added)}")
        parts += [" = ".join(names) for names in self.equal]
        return "; ".join(parts)


def build_rivals(entry: StudyDocument, language: str) -> tuple[RivalModel, ...]:
    """The rivals that a valid study file declares."""
    return tuple(_rival(each, entry, language) for each in entry.rival_models)


def _rival(rival: RivalModelEntry, study: StudyDocument, language: str) -> RivalModel:
    paths, moderation = dropped(rival, study)
    return RivalModel(
        id=rival.id,
        title=rival.title[language],
        dropped_paths=paths,
        dropped_moderation=moderation,
        added_paths=tuple(
            StructuralPath(outcome=p.outcome, predictor=p.predictor, label=p.id) for p in rival.add_paths
        ),
        equal=rival.hold_equal,
    )


def dropped(rival: RivalModelEntry, study: StudyDocument) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids of the paths and of the interactions that a rival leaves out, full mediation spelled out."""
    effects = {effect.id: effect for effect in study.indirect_effects}
    passing = [
        path for name in rival.full_mediation if name in effects for path in _shortcuts(effects[name], study.paths)
    ]
    ends = {(path.predictor, path.outcome) for path in passing}
    moderated = [each.id for each in study.moderation if (each.predictor, each.outcome) in ends]
    return (
        tuple(dict.fromkeys((*rival.drop_paths, *(path.id for path in passing)))),
        tuple(dict.fromkeys((*rival.drop_moderation, *moderated))),
    )


def _shortcuts(effect: IndirectEffectEntry, paths: Sequence[PathEntry]) -> Iterator[PathEntry]:
    """Paths that begin on a chain and end further along it than its next step."""
    by_id = {path.id: path for path in paths}
    steps = [by_id[name] for name in effect.through if name in by_id]
    chain = [steps[0].predictor, *(step.outcome for step in steps)] if steps else []
    for path in paths:
        within = path.predictor in chain and path.outcome in chain
        if within and chain.index(path.outcome) - chain.index(path.predictor) > 1:
            yield path
