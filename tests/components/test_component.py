"""What all components share.

It cannot prove that the engine passes protection and provider on as it is told, only that it is told.
"""

from __future__ import annotations

import asyncio

import pulumi
import pytest
from pulumi_aws.sns import Topic

from components._component import Component, output_names
from elasticity.rules import Model
from tests.recording import Secret, build


class Colour(Model):
    shade: str = "blue"
    depth: int | None = None


class Painted(Component):
    topic_name: pulumi.Output[str]
    topic: Topic

    def __init__(self, name="web", *, ignore=(), **arguments):
        super().__init__(name, Colour(), **arguments)
        self.topic = Topic(
            self.name_of("topic"),
            tags=self.tags_of("topic"),
            opts=self.options_of("topic", ignore_changes=ignore),
        )
        self.topic_name = self.topic.name
        self.finish()


TREE = [("accordion:index:Painted", "web", ""), ("aws:sns/topic:Topic", "web-topic", "web")]


def test_the_token_comes_from_the_class():
    assert Painted.type_token == "accordion:index:Painted"


def test_children_are_named_by_role_and_stand_below_their_component():
    assert build(Painted).tree() == TREE


def test_the_spec_is_recorded_as_the_components_own_inputs_without_empty_fields():
    assert build(Painted).named("web").inputs == {"spec": {"shade": "blue"}}


def test_the_annotated_attributes_are_the_outputs():
    assert output_names(Painted) == ("topic_name", "topic")
    assert build(Painted).outputs("web") == {"topic_name": "web-topic-1a2b3c4", "topic": "web-topic-id"}


def test_a_child_keeps_its_ignore_list():
    assert build(lambda: Painted(ignore=["displayName"])).named("web-topic").ignore_changes == ("displayName",)


def test_an_extension_adds_to_a_childs_options_and_leaves_its_parent():
    extension = pulumi.ResourceOptions(ignore_changes=["tags"], delete_before_replace=True)
    built = build(lambda: Painted(ignore=["displayName"], extensions={"topic": extension}))
    assert built.tree() == TREE
    assert built.named("web-topic").ignore_changes == ("displayName", "tags")
    assert built.named("web-topic").delete_before_replace


def test_an_extension_cannot_move_a_child_out_of_its_component():
    def program():
        elsewhere = pulumi.ResourceOptions(parent=Painted("other"))
        Painted(extensions={"topic": elsewhere})

    assert ("aws:sns/topic:Topic", "web-topic", "web") in build(program).tree()


def test_an_extension_of_a_child_that_does_not_exist_is_refused():
    with pytest.raises(pulumi.RunError) as refused:
        build(lambda: Painted(extensions={"tpoic": pulumi.ResourceOptions()}))
    assert str(refused.value) == "Painted web: extensions.tpoic: no such child, allowed topic"


def test_protection_of_a_component_reaches_its_children():
    assert build(lambda: Painted(opts=pulumi.ResourceOptions(protect=True))).named("web-topic").protect


def test_the_parent_in_a_callers_options_moves_the_component_and_not_its_child():
    def program():
        Painted("inner", opts=pulumi.ResourceOptions(parent=Painted()))

    assert ("aws:sns/topic:Topic", "inner-topic", "inner") in build(program).tree()
    assert ("accordion:index:Painted", "inner", "web") in build(program).tree()


def test_tags_of_the_user_reach_a_child_and_the_users_map_stays_as_it_is():
    tags = {"team": "shop"}
    assert build(lambda: Painted(tags=tags)).named("web-topic").inputs["tags"] == {"Name": "web-topic", "team": "shop"}
    assert tags == {"team": "shop"}


NAMES = {
    "a-name-of-21-charactr": (
        "Painted a-name-of-21-charactr: the name has 21 characters, allowed are 20: "
        "AWS limits the names of the resources inside to 32"
    ),
    "Web": ("Painted Web: the name is not in lower case letters, digits and single hyphens, starting with a letter"),
    "sg-web": ("Painted sg-web: the name begins with `sg-`: EC2 refuses security groups whose names begin so"),
    "internal-web": (
        "Painted internal-web: the name begins with `internal-`: "
        "Elastic Load Balancing refuses balancers whose names begin so"
    ),
    "web-": ("Painted web-: the name is not in lower case letters, digits and single hyphens, starting with a letter"),
}


@pytest.mark.parametrize(("name", "error"), NAMES.items())
def test_a_name_that_would_not_fit_is_refused(name, error):
    with pytest.raises(pulumi.RunError) as refused:
        build(lambda: Painted(name))
    assert str(refused.value) == error


def test_a_name_of_twenty_characters_is_taken():
    assert "a-name-of-20-charact" in build(lambda: Painted("a-name-of-20-charact")).names()


# The kit itself


def test_the_kit_refuses_two_resources_with_one_urn():
    with pytest.raises(AssertionError) as refused:
        build(lambda: {"first": Topic("same").id, "second": Topic("same").id})
    assert str(refused.value) == ("two resources with one URN: urn:pulumi:test::accordion::aws:sns/topic:Topic::same")


def test_the_kit_fails_on_an_output_that_never_resolves():
    def program():
        never = asyncio.get_event_loop().create_future()
        Topic("first")
        Topic("second", display_name=pulumi.Output.from_input(never))

    with pytest.raises(AssertionError) as refused:
        build(program, time_limit=0.2)
    assert str(refused.value) == "an output did not resolve in 0.2 s; registered so far: ['first']"


def test_the_kit_fails_on_an_assertion_in_apply():
    def check(name):
        assert name == "other"

    with pytest.raises(AssertionError, match="other"):
        build(lambda: Topic("first").name.apply(check))


def test_the_kit_marks_secrets_and_records_dependencies():
    def program():
        first = Topic("first")
        Topic("second", display_name=pulumi.Output.secret("hidden"), tags={"first": first.arn})

    second = build(program).named("second")
    assert second.inputs["displayName"] == Secret("hidden")
    assert second.depends_on == ("first",)


def test_the_kit_starts_afresh_each_time():
    assert build(lambda: Topic("a")).names() == {"a"}
    assert build(lambda: Topic("b")).names() == {"b"}


def test_the_kit_resolves_what_the_program_returns():
    assert build(lambda: {"arn": Topic("a").arn}).result == {"arn": "arn:aws:sns:eu-central-1:123456789012:a"}
