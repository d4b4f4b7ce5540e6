"""Sign in and out, the own session, and the administrator's accounts."""

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect, ensure_csrf_cookie
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from annotations.accounts import selectors, services
from annotations.accounts.demo import DEMO_ACCOUNTS
from annotations.accounts.models import Role, User
from annotations.accounts.permissions import IsAdministrator, IsCoordinator, signed_in_user
from annotations.errors import PetreviewError
from annotations.version import VERSION


class WrongCredentials(PetreviewError):
    code = "wrong_credentials"
    http_status = 401


class SessionUserSerializer(serializers.ModelSerializer[User]):
    name = serializers.SerializerMethodField()
    roles = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "username", "name", "roles"]

    def get_name(self, user: User) -> str:
        return user.get_full_name() or user.username

    @extend_schema(responses=serializers.ListField(child=serializers.ChoiceField(Role.choices)))
    def get_roles(self, user: User) -> list[str]:
        return sorted(grant.role for grant in user.role_grants.all())


class DemoAccountSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    password = serializers.CharField()
    role = serializers.ChoiceField(Role.choices)


class SessionSerializer(serializers.Serializer[Any]):
    user = SessionUserSerializer(allow_null=True)
    csrf_token = serializers.CharField()
    demo = serializers.BooleanField()
    version = serializers.CharField()
    accounts = DemoAccountSerializer(many=True)


class CredentialsSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False)


class LoginThrottle(ScopedRateThrottle):
    """Counts attempts to sign in only: reading the session is free."""

    scope_attr = "login_scope"

    def allow_request(self, request: Request, view: APIView) -> bool:
        return request.method != "POST" or super().allow_request(request, view)


class SessionView(APIView):
    permission_classes = [AllowAny]
    throttle_classes = [LoginThrottle]
    login_scope = "login"

    @extend_schema(operation_id="get_session", responses=SessionSerializer)
    @method_decorator(ensure_csrf_cookie)
    def get(self, request: Request) -> Response:
        return Response(_session(request))

    @extend_schema(operation_id="sign_in", request=CredentialsSerializer, responses=SessionSerializer)
    @method_decorator(csrf_protect)
    def post(self, request: Request) -> Response:
        credentials = CredentialsSerializer(data=request.data)
        credentials.is_valid(raise_exception=True)
        user = authenticate(request._request, **credentials.validated_data)
        if not isinstance(user, User):
            raise WrongCredentials("User name or password is wrong.")
        login(request._request, user)
        request.user = user
        return Response(_session(request))

    @extend_schema(operation_id="sign_out", responses={204: None})
    def delete(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _session(request: Request) -> dict[str, Any]:
    user = request.user
    return {
        "user": SessionUserSerializer(user).data if isinstance(user, User) else None,
        "csrf_token": get_token(request._request),
        "demo": settings.DEMO,
        "version": VERSION,
        "accounts": [account._asdict() for account in DEMO_ACCOUNTS] if settings.DEMO else [],
    }


class UserSerializer(serializers.ModelSerializer[User]):
    roles = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "username", "first_name", "last_name", "roles", "is_active"]

    @extend_schema(responses=serializers.ListField(child=serializers.ChoiceField(Role.choices)))
    def get_roles(self, user: User) -> list[str]:
        return sorted(user.role_grants.values_list("role", flat=True))


class NewUserSerializer(serializers.Serializer[Any]):
    username = serializers.RegexField(r"^[\w.@+-]{1,150}$")
    password = serializers.CharField(trim_whitespace=False)
    first_name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    last_name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices))


class UserChangeSerializer(serializers.Serializer[Any]):
    password = serializers.CharField(required=False, trim_whitespace=False)
    first_name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    last_name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices), required=False)
    is_active = serializers.BooleanField(required=False)


class UserListView(APIView):
    permission_classes = [IsAdministrator]

    @extend_schema(operation_id="list_users", responses=UserSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(UserSerializer(selectors.all_users(), many=True).data)

    @extend_schema(operation_id="create_user", request=NewUserSerializer, responses={201: UserSerializer})
    def post(self, request: Request) -> Response:
        form = NewUserSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = services.create_user(by=signed_in_user(request), **form.validated_data)
        return Response(UserSerializer(user).data, status=status.HTTP_201_CREATED)


class UserView(APIView):
    permission_classes = [IsAdministrator]

    @extend_schema(operation_id="update_user", request=UserChangeSerializer, responses=UserSerializer)
    def patch(self, request: Request, user_id: int) -> Response:
        form = UserChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = get_object_or_404(User, pk=user_id)
        user = services.update_user(by=signed_in_user(request), user=user, **form.validated_data)
        return Response(UserSerializer(user).data)


class ReaderListView(APIView):
    permission_classes = [IsCoordinator]

    @extend_schema(operation_id="list_readers", responses=SessionUserSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(SessionUserSerializer(selectors.active_readers(), many=True).data)


urlpatterns = [
    path("session/", SessionView.as_view(), name="session"),
    path("users/", UserListView.as_view(), name="users"),
    path("users/<int:user_id>/", UserView.as_view(), name="user"),
    path("readers/", ReaderListView.as_view(), name="readers"),
]
