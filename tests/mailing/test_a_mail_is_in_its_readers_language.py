"""Who is asked reads the question in their language, whoever asks (product.md, section 11)."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from tests.cast import Browser, Company
from tests.mailing.conftest import MailServer, Send
from tests.story import ask


async def test_a_mail_is_in_the_language_of_whom_it_asks(
    session: AsyncSession, company: Company, mail_server: MailServer, dispatch: Send, send: Send,
    hana: Browser, daniel: Browser,
) -> None:  # fmt: skip
    (await session.get_one(User, daniel.id)).locale = "zh_Hant"
    await session.commit()
    ticket = await ask(session, hana)
    await dispatch()
    await send()
    (mail,) = mail_server.mails
    assert mail["Subject"] == f"{ticket.ticket_no} 待你簽核：Replace 24 thermal cameras"
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert "關卡：Line manager" in plain.get_content()
    assert 'lang="zh-Hant"' in page.get_content()
